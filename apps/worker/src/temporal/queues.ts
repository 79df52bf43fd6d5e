/** Where activities wait. Each queue has slots and connections of its own. */
export type TaskQueue = 'bulk' | 'interactive';

/**
 * The one queue on which workflows of either kind wait. They only decide what comes next, and never hold an activity's slot; a second
 * worker for them is a second isolate with everything that is loaded into it, some 60 MB.
 */
export const workflowQueue: TaskQueue = 'bulk';
