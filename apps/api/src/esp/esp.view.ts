import type { EspView } from '@groundcrew/contracts';
import type { Esp } from '@groundcrew/persistence';
import { momentOf } from '../routes/moments.js';
import { etagOf } from '../routes/versions.js';

export function toEspView(esp: Esp): EspView {
  return {
    id: esp.id,
    tenantId: esp.tenantId,
    displayName: esp.displayName,
    description: esp.description,
    isDefault: esp.priority === null,
    priority: esp.priority,
    settings: { ...esp.settings, blockingApps: [...esp.settings.blockingApps] },
    deviceGroups: esp.deviceGroups,
    userGroups: esp.userGroups,
    createdAt: momentOf(esp.createdAt),
    updatedAt: momentOf(esp.updatedAt),
    etag: etagOf(esp.version),
  };
}
