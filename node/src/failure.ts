/**
 * How a failure that crossed the border becomes an error of its class, and how this package refuses what it was given. The
 * classes themselves are in `errors.ts`.
 */
import { CLASSES, type ErrorData, InvalidRequestError, MidjourneyError } from './errors.js';

/** Makes the error that a payload describes, of the class that its kind names. */
export function fromPayload(payload: unknown): MidjourneyError {
  const { kind, message, ...facts } = payload as ErrorData;
  const ErrorClass = kind === 'error' ? MidjourneyError : (CLASSES[kind] ?? MidjourneyError);
  return new ErrorClass(message, {
    status: facts.status,
    code: facts.code,
    traceId: facts.trace_id,
    taskId: facts.task_id,
    retryAfter: facts.retry_after,
    mayHaveBeenAccepted: facts.may_have_been_accepted,
  });
}

/** The error of a value that cannot be used. The value itself stays out of it: it may be a prompt or a token. */
export function refusal(name: string, problem: string): InvalidRequestError {
  return new InvalidRequestError(`\`${name}\`: ${problem}`);
}
