/** The entry point of `require`; that of `import` is `index.mts`. Everything public is named here, once. */
export { version } from './calls.js';
export { Client, type ClientOptions, type ImageSource } from './client.js';
export {
  act,
  image,
  imagine,
  pan,
  reroll,
  stream,
  submit,
  task,
  tasks,
  upscale,
  upscale2x,
  upscale4x,
  upscaleCreative,
  upscaleSubtle,
  variation,
  variationRegion,
  variationStrong,
  variationSubtle,
  zoomOut,
} from './default.js';
export {
  Emulator,
  type EmulatorOptions,
  type FaultOptions,
  type FaultRule,
  type Job,
  type JournalEntry,
  type JournalOptions,
  type Ledger,
} from './emulator.js';
export {
  ActionNotAvailableError,
  AuthenticationError,
  BadRequestError,
  CallbackError,
  ConfigError,
  DeadlineError,
  DecodeError,
  DisabledError,
  type ErrorData,
  type ErrorFacts,
  type ErrorKind,
  GenerationTimeoutError,
  InsufficientBalanceError,
  InvalidRequestError,
  MidjourneyError,
  ModerationError,
  NotFoundError,
  NotSentError,
  OutcomeUnknownError,
  PictureError,
  RateLimitError,
  ServerError,
  TaskFailedError,
} from './errors.js';
export { Image, type WaitOptions } from './image.js';
export { Mask, type MaskSource } from './mask.js';
export type { ImageData, ImagineOptions, Mode, TaskData, TaskState, UpdateData } from './models.js';
export type {
  ActionOptions,
  DeadlineOption,
  FileOptions,
  GenerationOptions,
  ProgressOption,
  RegionOptions,
  SaveOptions,
  SignalOption,
} from './options.js';
export { Task } from './task.js';
export { Update } from './update.js';
export { Updates } from './updates.js';
