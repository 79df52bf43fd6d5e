export * from './device-course.js';
export * from './guards.js';
export * from './paths.js';
export * from './plan.js';
export * from './point-of-no-return.js';
