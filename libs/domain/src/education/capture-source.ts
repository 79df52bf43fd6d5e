import { accept, refuse, type Decision } from '../decision.js';
import type { OsFamily } from '../membership/device-attributes.js';

/** How a hardware hash was captured, where its sender declares it. Source: domain.md 1.7. */
export const captureSources = [
  'powershell',
  'configuration_manager',
  'diagnostics_page',
  'settings_export',
  'maker',
  'partner',
  'reseller',
  'manual',
] as const;
export type CaptureSource = (typeof captureSources)[number];

/** What somebody is told whose hash cannot be what he says it is. */
export const captureAdvice =
  'Windows 11 SE runs neither PowerShell nor Configuration Manager: let the OEM, a partner or a reseller register the device, or capture the hash by hand.';

/**
 * Can a hash have been captured like that? Windows 11 SE has neither of two tools; what is captured by hand is taken, and so is what
 * nobody declared. Source: issue 7; domain.md 1.7, 12.4.
 */
export function acceptCapture(
  osFamily: OsFamily | null,
  source: CaptureSource | null,
): Decision<'accepted', 'capture.not-on-windows-11-se'> {
  const impossible = source === 'powershell' || source === 'configuration_manager';
  return osFamily === 'windows_11_se' && impossible ? refuse('capture.not-on-windows-11-se') : accept('accepted');
}
