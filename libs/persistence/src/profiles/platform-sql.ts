import { factSources, type DeviceFacts, type FactSource } from '@groundcrew/domain';

/** Where each source's word stands, in `registry.device d` and `registry.device_facts f`; null where it has none. */
const columns: Record<FactSource, Record<keyof DeviceFacts, string | null>> = {
  admin: { osFamily: 'f.os_family', deviceType: 'f.device_type', tpmVersion: 'f.tpm' },
  management: { osFamily: 'f.managed_os_family', deviceType: 'f.managed_device_type', tpmVersion: null },
  import: { osFamily: 'd.declared_os_family', deviceType: null, tpmVersion: null },
  hash: { osFamily: 'd.hash_os_family', deviceType: 'd.hash_device_type', tpmVersion: 'd.hash_tpm' },
};

/** Joins what the columns below need to a `registry.device d`. */
export const joinDeviceFacts = 'left join registry.device_facts f on f.tenant_id = d.tenant_id and f.device_id = d.id';

/** What is believed of a fact: the word of the source that stands furthest in front. */
export const believed: Record<keyof DeviceFacts, string> = {
  osFamily: firstSaid('osFamily'),
  deviceType: firstSaid('deviceType'),
  tpmVersion: firstSaid('tpmVersion'),
};

/** Whose word that is. */
export const believedFrom: Record<keyof DeviceFacts, string> = {
  osFamily: whoSaid('osFamily'),
  deviceType: whoSaid('deviceType'),
  tpmVersion: whoSaid('tpmVersion'),
};

function firstSaid(fact: keyof DeviceFacts): string {
  return `coalesce(${saying(fact)
    .map(({ column }) => column)
    .join(', ')})`;
}

function whoSaid(fact: keyof DeviceFacts): string {
  const cases = saying(fact).map(({ source, column }) => `when ${column} is not null then '${source}'`);
  return `(case ${cases.join(' ')} end)`;
}

function saying(fact: keyof DeviceFacts): { source: FactSource; column: string }[] {
  return factSources.flatMap((source) => {
    const column = columns[source][fact];
    return column === null ? [] : [{ source, column }];
  });
}
