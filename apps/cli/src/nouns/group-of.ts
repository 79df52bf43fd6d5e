import { Command } from 'commander';

/** A noun with its verbs. */
export function groupOf(name: string, description: string, commands: Command[]): Command {
  const group = new Command(name).description(description);
  for (const command of commands) group.addCommand(command);
  return group;
}
