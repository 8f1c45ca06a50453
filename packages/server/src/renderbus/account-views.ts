/** Account objects of the API, from what the farm keeps of an account. docs/accounts.md says what each field does here. */
import type { AccountMoney, AccountProfile } from '@croft/farm';

const HOUR_SEC = 3600;
/** Flags of the profile that tell whether the farm renders an application, by its cgId. */
const APP_FLAGS = { houdiniFlag: 2004, c4dFlag: 2005, blenderFlag: 2007, keyshotFlag: 2012 } as const;

/** `accountType`: 1 is a main account, 2 a sub-account. */
const accountType = (profile: AccountProfile) => (profile.mainAccountId === 0 ? 1 : 2);

/**
 * `data` of queryUserProfile: 46 fields, of which the SDK reads userId, userName, shareMainCapital and mainUserId.
 * `cgIds` are the applications that the farm renders.
 */
export function profileView(
  profile: AccountProfile,
  platform: number,
  cgIds: ReadonlySet<number>,
  money: AccountMoney,
) {
  const { facts } = profile;
  return {
    userId: profile.accountId,
    userName: profile.accountName,
    platform,
    phone: facts.phone,
    email: facts.email,
    company: facts.company,
    name: facts.fullName,
    job: facts.job,
    communicationNumber: facts.communicationNumber,
    softType: facts.softType,
    softStatus: facts.softStatus,
    businessType: facts.businessType,
    status: profile.isDisabled ? 0 : 1,
    infoStatus: facts.infoStatus,
    accountType: accountType(profile),
    userType: facts.userType,
    mainUserId: profile.mainAccountId,
    level: facts.level,
    pictureLever: null,
    zone: facts.zone,
    ...moneyView(profile, money),
    description: facts.description,
    country: facts.country,
    city: facts.city,
    address: facts.address,
    cpuPrice: money.cpuPrice,
    gpuPrice: money.gpuPrice,
    shareMainCapital: profile.shareMainCapital,
    subDeleteTask: facts.subDeleteTask,
    useMainBalance: facts.useMainBalance,
    hideBalance: facts.hideBalance,
    hideJobCharge: facts.hideJobCharge,
    useLevelDirectory: facts.useLevelDirectory,
    downloadDisable: facts.downloadDisable,
    displaySubaccount: facts.displaySubaccount,
    subaccountLimits: profile.mainAccountId === 0 ? facts.subaccountLimits : 0,
    ...appFlags(cgIds),
    studentEndTime: facts.endsAt,
  };
}

/** Amounts of the profile; null where the main account hides them from a sub-account. */
function moneyView({ facts }: AccountProfile, money: AccountMoney) {
  const shown = (amount: number) => (facts.hideBalance === 1 ? null : amount);
  return {
    rmbbalance: shown(money.rmbbalance),
    usdbalance: shown(money.usdbalance),
    rmbCumulative: shown(money.rmbCumulative),
    usdCumulative: shown(money.usdCumulative),
    credit: shown(money.credit),
    coupon: shown(money.coupon),
  };
}

function appFlags(cgIds: ReadonlySet<number>) {
  const flags = Object.entries(APP_FLAGS).map(([flag, cgId]) => [flag, cgIds.has(cgId) ? 1 : 0]);
  return Object.fromEntries(flags) as Record<keyof typeof APP_FLAGS, 0 | 1>;
}

/** `data` of queryUserSetting. Hours and seconds of the reminder time-out say the same. */
export function settingView(profile: AccountProfile) {
  const { facts } = profile;
  return {
    infoStatus: facts.infoStatus,
    accountType: accountType(profile),
    shareMainCapital: profile.shareMainCapital,
    subDeleteTask: facts.subDeleteTask,
    useMainBalance: facts.useMainBalance,
    singleNodeRenderFrames: String(facts.singleNodeRenderFrames),
    maxIgnoreMapFlag: String(facts.maxIgnoreMapFlag),
    autoCommit: String(facts.autoCommit),
    separateAccountFlag: facts.separateAccountFlag,
    mifileSwitchFlag: facts.mifileSwitchFlag,
    assfileSwitchFlag: facts.assfileSwitchFlag,
    manuallyStartAnalysisFlag: facts.manuallyStartAnalysisFlag,
    downloadDisable: facts.downloadDisable,
    taskOverTime: Math.round(profile.taskOverTimeSec / HOUR_SEC),
    taskOverTimeSec: profile.taskOverTimeSec,
    ignoreMapFlag: facts.ignoreMapFlag,
    isVrayLicense: facts.isVrayLicense,
    justUploadConfigFlag: facts.justUploadConfigFlag,
    justUploadCgFlag: facts.justUploadCgFlag,
    mandatoryAnalyseAllAgent: facts.mandatoryAnalyseAllAgent,
  };
}

/** `data` of getRaySyncUserKey. The SDK asks for it on every transfer, and sends name and key with its second engine. */
export function raySyncView(profile: AccountProfile, key: string, platform: number, now: number) {
  return {
    channel: 4,
    platform,
    signature: 'rayvision2017',
    version: '1.0.0',
    userKey: key.slice(0, 32),
    id: profile.accountId,
    userName: profile.accountName,
    zone: profile.facts.zone,
    phone: profile.phone,
    email: profile.email,
    loginTime: now,
    infoStatus: profile.facts.infoStatus,
    accountType: accountType(profile),
    shareMainCapital: profile.shareMainCapital,
    subDeleteTask: profile.facts.subDeleteTask,
    subDeleteCapital: profile.facts.subDeleteCapital,
    useMainBalance: profile.facts.useMainBalance,
    downloadDisable: profile.facts.downloadDisable,
    raySyncUserKey: key,
  };
}
