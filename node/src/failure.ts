/**
 * How a failure that crossed the border becomes an error of its class, and how this package refuses what it was given. The
 * classes themselves are in `errors.ts`.
 */
import { CLASSES, type ErrorData, InvalidRequestError, MidjourneyError } from './errors.js';
import { IMAGE_FIELDS } from './models.js';

/** Makes the error that a payload describes, of the class that its kind names. */
export function fromPayload(payload: unknown): MidjourneyError {
  const { kind, message, ...facts } = payload as ErrorData;
  const ErrorClass = kind === 'error' ? MidjourneyError : (CLASSES[kind] ?? MidjourneyError);
  return new ErrorClass(kind === 'config' || kind === 'invalid_request' ? inCamelCase(message) : message, {
    status: facts.status,
    code: facts.code,
    traceId: facts.trace_id,
    taskId: facts.task_id,
    retryAfter: facts.retry_after,
    mayHaveBeenAccepted: facts.may_have_been_accepted,
  });
}

/** Names the option that is refused as users write it: the core names it as the wire does, which data are named by here, too. */
function inCamelCase(message: string): string {
  const data: readonly string[] = IMAGE_FIELDS;
  return message.replace(/^`[a-z_]+`(?=:)/, (quoted) =>
    data.includes(quoted.slice(1, -1))
      ? quoted
      : quoted.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
  );
}

/** The error of a value that cannot be used. The value itself stays out of it: it may be a prompt or a token. */
export function refusal(name: string, problem: string): InvalidRequestError {
  return new InvalidRequestError(`\`${name}\`: ${problem}`);
}
