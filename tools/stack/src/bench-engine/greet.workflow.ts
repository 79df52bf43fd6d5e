import { proxyActivities } from '@temporalio/workflow';

const { greet } = proxyActivities<{ greet(name: string): Promise<string> }>({ startToCloseTimeout: '30 seconds' });

/** The smallest workflow that still needs the server for everything: started, one activity, done. */
export async function greetOnce(name: string): Promise<string> {
  return greet(name);
}
