/** What each field of an account does here, one sentence: docs/account-fields.md is made from it. */
import type { AccountFieldName } from './account-fields.ts';

/** For settings of the Renderbus API that mean something in its own service only. */
const INERT = 'Kept and told, as clients ask for it; nothing here depends on it.';
const TOLD = 'Told in the profile.';

export const ACCOUNT_FIELD_EFFECTS: Readonly<Record<AccountFieldName, string>> = {
  name: 'Signs in, and stands at tasks as `userName`; unique in any case (902).',
  email: 'Unique in any case where it is not empty (901); told in the profile.',
  fullName: 'Told in the profile as `name`.',
  phone: TOLD,
  company: TOLD,
  job: TOLD,
  communicationNumber: TOLD,
  description: TOLD,
  country: TOLD,
  city: TOLD,
  address: TOLD,
  zone: 'Told in the profile; a farm of your own has one zone, so every zone sees the same platforms.',
  level: TOLD,
  endsAt: 'After it nobody gets in with the account (804); told as `studentEndTime`.',

  shareMainCapital:
    'Uploads go to the input storage of the main account, and tasks render from it; `parent_input_bid` names it.',
  useMainBalance: 'The main account pays for its tasks.',
  hideBalance: 'The amounts of its profile are null.',
  hideJobCharge: 'It is not told what tasks and frames cost.',
  downloadDisable:
    'It downloads no results, by no door: 605, and its storage id of outputs opens nothing. It still sees its tasks.',
  subDeleteTask:
    'It may delete tasks (605 without). Of a main account: what its new sub-accounts begin with.',
  subDeleteCapital:
    'It may take uploaded files off the farm, also shared ones. Of a main account: what its new sub-accounts begin with.',
  displaySubaccount: 'Its lists, totals and live events hold the tasks of its sub-accounts.',
  separateAccountFlag:
    'With 1 its sub-accounts have settings of their own, with 0 they have its settings and cannot change them.',
  subaccountLimits: 'How many sub-accounts it may have.',

  taskOverTimeSec:
    'Tasks that run longer are marked `isOverTime`, unless their task.json says another time; told in hours as `taskOverTime`, too.',
  singleNodeRenderFrames: INERT,
  maxIgnoreMapFlag: INERT,
  ignoreMapFlag: INERT,
  autoCommit: INERT,
  mifileSwitchFlag: INERT,
  assfileSwitchFlag: INERT,
  manuallyStartAnalysisFlag: INERT,
  isVrayLicense: INERT,
  justUploadConfigFlag: INERT,
  justUploadCgFlag: INERT,
  mandatoryAnalyseAllAgent: INERT,

  infoStatus: INERT,
  softType: INERT,
  softStatus: INERT,
  businessType: INERT,
  userType: INERT,
  useLevelDirectory: INERT,
};
