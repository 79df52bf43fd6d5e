import type { EspView } from '@groundcrew/contracts';
import type { Cell, Column } from '../output/table.js';

/** Pages of a tenant as lines. */
export const espColumns: Column<EspView>[] = [
  { head: 'PRIORITY', cell: (esp) => esp.priority ?? 'last', align: 'right' },
  { head: 'PAGE', cell: (esp) => esp.id },
  { head: 'NAME', cell: (esp) => esp.displayName },
  { head: 'SHOWN', cell: (esp) => (esp.settings.showInstallationProgress ? 'yes' : 'no') },
  { head: 'MINUTES', cell: (esp) => esp.settings.installProgressTimeoutInMinutes, align: 'right' },
  { head: 'BLOCKING APPS', cell: (esp) => esp.settings.blockingApps.length || 'all required', align: 'right' },
  {
    head: 'GROUPS',
    cell: (esp) => (esp.isDefault ? 'everybody' : esp.deviceGroups.length + esp.userGroups.length),
    align: 'right',
  },
];

/** A page for a person, setting by setting. */
export function factsOfEsp(esp: EspView): [string, Cell][] {
  const { blockingApps, ...settings } = esp.settings;
  return [
    ['Page', esp.id],
    ['Name', esp.displayName],
    ['Description', esp.description],
    ['Priority', esp.priority ?? 'last, for everybody'],
    ...Object.entries(settings).map(([name, value]): [string, Cell] => [name, String(value)]),
    ['Blocking apps', blockingApps.map((app) => app.displayName).join(', ') || 'all that are required'],
    ['Device groups', esp.deviceGroups.join(', ') || null],
    ['User groups', esp.userGroups.join(', ') || null],
  ];
}
