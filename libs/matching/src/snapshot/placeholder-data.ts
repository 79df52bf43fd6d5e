/**
 * Values that many machines share because nobody filled them in. Data, not rules: everything is lower case and
 * already normalised by `normaliseText`.
 *
 * Sources, by way of matching.md B.3: glpi `src/Blacklist.php`; OCSInventory-ocsreports `files/ocsbase_new.sql`; osquery
 * `osquery/core/system.cpp`; linuxhw/hw-probe `hw-probe.pl`; saltstack/salt `salt/grains/core.py`; canonical/maas
 * `hooks.py`; linuxhw/DMI (counted, January 2025).
 */
export const PLACEHOLDER_SERIALS: ReadonlySet<string> = new Set([
  'n/a', 'na', '(null string)', 'invalid', 'eval', 'iatpass', 'nnnnnnn', 'xxxxxxxxxxx', 'xxxxxx', 'none', 'empty',
  'unknow', 'unknown', 'undefined', 'oem', 'o.e.m.', 'oem_serial', 'serialnumber', 'serial number',
  'serial number xxxxxx', 'system serial number', 'systemserialnumb', 'chassis serial number',
  'base board serial number', 'type2 - board serial number', 'mb serial number', 'mb-1234567890', 'pca serial',
  'sn-12345', 'sn-1234567890', 'sn-123456fvgv3i0b8o5n6n7k', 'sys-1234567890', 'sys-9876543210', 'asset-1234567890',
  'no asset tag', 'no asset information', 'asset tag', '1', '0', '12345', '123456', '1234567', '12345678', '123456789',
  '1234567890', '123456789000', '12345678901234567', '1234567890123456789012', '012345678912345678912345678',
  '0123456789', '01234567', '00000000', '112233445566', 'default string', 'default_string', 'default',
  'oem default string000', 'to be filled by o.e.m.', 'to be filled by o.e.m', 'to be filled by oem', 'fill by oem',
  'filled by oem', 'not specified', 'not applicable', 'not available', 'not present', 'not settable', 'not defined',
  'not provided', 'tulip computers', 'standard', 'all', 'all series', 'x.x', '--', '-', '.', '?',
]);

export const PLACEHOLDER_NAMES: ReadonlySet<string> = new Set([
  'system manufacturer', 'system product name', 'system name', 'product name', 'system version', 'system sku#',
  'system skunumber', 'sku', 'sku1', 'asus-notebooksku', 'nettopsku', 'type1productconfigid', 'type1family',
  'type1sku0', 'type1 - tbd by oem', 'project_sku_name', '(project_sku_name)', 'chassis manufacture',
  'chassis manufacturer', 'base board product name', 'base board version', 'board vendor', 'board manufacturer',
  'mainboard', 'name', 'version', 'reserved', '0000000000000000', 'all', 'all series', 'standard', 'x.x', 'oem',
]);

/** Parts of a text that give a placeholder away wherever they stand. */
export const PLACEHOLDER_PARTS: readonly string[] = [
  'o.e.m', 'to be filled', 'filled by', 'default', 'not specified', 'not applicable', 'not available', 'not present',
  'not settable', 'not provided', 'not defined', 'invalid', 'unknow', 'undefined', 'serial num', 'asset tag',
  'chassis ', 'base board', 'system serial',
];

/**
 * Short ones of the same kind count only as whole words: serial numbers come in sequence, and a lot of thousands
 * of real ones may share four letters.
 */
export const PLACEHOLDER_WORDS: readonly string[] = ['empty', 'none', 'null', 'n/a', 'eval'];

/** UUIDs in text order, without dashes. Each is looked up in both byte orders. */
export const PLACEHOLDER_UUIDS: ReadonlySet<string> = new Set([
  '03000200040005000006000700080009', '00020003000400050006000700080009', '030201000504070608090a0b0c0d0e0f',
  '000102030405060708090a0b0c0d0e0f', '10000000000080000040000000000000', '6ab5b300538d10149fb5b0684d007b53',
]);

/** Families of made-up UUIDs, text order. The second is a template filled with bytes of a network address. */
export const PLACEHOLDER_UUID_PATTERNS: readonly RegExp[] = [
  /^(..)\1{15}$/, /^03d40274043505....06..0700080009$/, /^deadbeef/, /^1234567812345678/, /^123456781234567890ab/,
  /^4c4c45440020/,
];

export const PLACEHOLDER_MACS: ReadonlySet<string> = new Set([
  '000000000000', 'ffffffffffff', 'feffffffffff', 'eeeeeeeeeeee', '111111111111', '101111111111', '123456789abc',
  '0123456789ab', 'aabbccddeeff', '001122334455', '112233445566', '888888888888', '444553540000', '444553540001',
  '44455354616f', '204153594eff', '505054503030', '33506f453030', '24b620524153', '02004c4f4f50', '00059a3c7a00',
  '00090ffe0001', '00090faa0001', '000bcafe0000', '000bcafe0001', '02000000000a', '02000000000b', '02004e435049',
  '028037ec0200', '00a0c6000000', 'e2e616200a35', 'd20a2da004be', 'd26b252f2ce7', '0250563f0000', '56847afe9799',
  '0001027d9b1c', '0008a1460635', '0008a166e21a', '0009dd103768', '00105a7271f3', '00111185088b',
  '00e04c682d3d', '000fea9ae2f0',
]);

export const PLACEHOLDER_MAC_PATTERNS: readonly RegExp[] = [
  /^deadbeef/, /^....20524153$/, /^025041/, /^00090f..0001$/, /^00ff/, /^00005e000[12]/, /^00000c07ac/, /^00000c9ff/,
  /^0007b400/,
];

/** First three bytes that hypervisors give out. Not anchors: they follow the machine's configuration, not a board. */
export const VIRTUAL_MAC_PREFIXES: ReadonlySet<string> = new Set([
  '000569', '000c29', '001c14', '005056', '00155d', '0003ff', '080027', '0a0027', '525400', '00163e', '001c42', '000f4b',
]);

/** What the manufacturer or product of a virtual machine contains. */
export const VIRTUAL_NAMES =
  /virtual machine|vmware|virtualbox|\bkvm\b|qemu|\bxen\b|hvm domu|parallels virtual|bochs|google compute engine|amazon ec2|openstack/;

/** Disks that are files of a host. */
export const VIRTUAL_DISKS = /virtual disk|vmware|vbox|^qm0000|qemu/;

/** One manufacturer, many spellings: the first word decides, after these. */
export const MANUFACTURER_FAMILIES: ReadonlyMap<string, string> = new Map([
  ['hewlett-packard', 'hp'], ['hewlett', 'hp'], ['hpe', 'hp'], ['hp', 'hp'], ['dell', 'dell'],
  ['alienware', 'dell'], ['lenovo', 'lenovo'], ['ibm', 'lenovo'], ['microsoft', 'microsoft'],
  ['asustek', 'asus'], ['asus', 'asus'], ['acer', 'acer'], ['gateway', 'acer'], ['fujitsu', 'fujitsu'],
  ['toshiba', 'toshiba'], ['dynabook', 'toshiba'], ['micro-star', 'msi'], ['msi', 'msi'],
  ['gigabyte', 'gigabyte'], ['samsung', 'samsung'], ['panasonic', 'panasonic'], ['vmware', 'vmware'],
  ['innotek', 'oracle'],
]);
