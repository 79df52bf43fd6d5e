import type { Command } from 'commander';
import { appsApprove, appsList, appsWithdraw } from '../commands/approved-apps.js';
import { brandingDelete, brandingSet, brandingShow } from '../commands/branding.js';
import { devicesExplain } from '../commands/devices-explain.js';
import { devicesList } from '../commands/devices-list.js';
import { devicesPlatform } from '../commands/devices-platform.js';
import { devicesSet } from '../commands/devices-set.js';
import { devicesShow } from '../commands/devices-show.js';
import { espCreate } from '../commands/esp-create.js';
import { espDelete } from '../commands/esp-delete.js';
import { espList } from '../commands/esp-list.js';
import { espOrder } from '../commands/esp-order.js';
import { espResolve } from '../commands/esp-resolve.js';
import { espShow } from '../commands/esp-show.js';
import { espUpdate } from '../commands/esp-update.js';
import { groupsCreate } from '../commands/groups-create.js';
import { groupsDelete } from '../commands/groups-delete.js';
import { groupsList } from '../commands/groups-list.js';
import { groupsMembers } from '../commands/groups-members.js';
import { groupsShow } from '../commands/groups-show.js';
import { groupsTry } from '../commands/groups-try.js';
import { groupsUpdate } from '../commands/groups-update.js';
import { profilesAssign } from '../commands/profiles-assign.js';
import { profilesCreate } from '../commands/profiles-create.js';
import { profilesDelete } from '../commands/profiles-delete.js';
import { profilesExport } from '../commands/profiles-export.js';
import { profilesList } from '../commands/profiles-list.js';
import { profilesPreview } from '../commands/profiles-preview.js';
import { profilesShow } from '../commands/profiles-show.js';
import { profilesUpdate } from '../commands/profiles-update.js';
import { schoolsAddGroup, schoolsGroups, schoolsSettings } from '../commands/school-groups.js';
import { userGroupsCreate, userGroupsDelete, userGroupsList, userGroupsUpdate } from '../commands/user-groups.js';
import type { Shell } from '../session.js';
import { groupOf } from './group-of.js';

/** How devices are set up. */
export function settingUpNouns(shell: Shell): Command[] {
  return [
    groupOf('devices', 'registered devices', [
      devicesList(shell),
      devicesShow(shell),
      devicesSet(shell),
      devicesExplain(shell),
      devicesPlatform(shell),
    ]),
    groupOf('groups', 'which devices belong together', [
      groupsList(shell),
      groupsShow(shell),
      groupsCreate(shell),
      groupsUpdate(shell),
      groupsDelete(shell),
      groupsMembers(shell),
      groupsTry(shell),
    ]),
    groupOf('profiles', 'how devices are set up', [
      profilesList(shell),
      profilesShow(shell),
      profilesCreate(shell),
      profilesUpdate(shell),
      profilesDelete(shell),
      profilesPreview(shell),
      profilesAssign(shell),
      profilesExport(shell),
    ]),
    groupOf('branding', 'what a tenant shows of itself while they are', [
      brandingShow(shell),
      brandingSet(shell),
      brandingDelete(shell),
    ]),
    groupOf('esp', 'what devices show while they are set up', [
      espList(shell),
      espShow(shell),
      espCreate(shell),
      espUpdate(shell),
      espOrder(shell),
      espDelete(shell),
      espResolve(shell),
    ]),
    groupOf('user-groups', 'users to whom status pages are assigned', [
      userGroupsList(shell),
      userGroupsCreate(shell),
      userGroupsUpdate(shell),
      userGroupsDelete(shell),
    ]),
    groupOf('apps', 'what Windows 11 SE accepts', [appsList(shell), appsApprove(shell), appsWithdraw(shell)]),
    groupOf('schools', 'schools, by group tag', [schoolsGroups(shell), schoolsAddGroup(shell), schoolsSettings(shell)]),
  ];
}
