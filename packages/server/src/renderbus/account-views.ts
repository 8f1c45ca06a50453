/** Account objects of the API: the truthful part from the farm, the rest with the documents' neutral values. */
import { createHash } from 'node:crypto';
import type { AccountProfile } from '@croft/farm';

const HOUR_SEC = 3600;

/** `data` of queryUserProfile: 46 fields, of which the SDK reads userId, userName, shareMainCapital and mainUserId. */
export function profileView(profile: AccountProfile, platform: number) {
  return {
    userId: profile.accountId,
    userName: profile.accountName,
    platform,
    phone: profile.phone,
    email: profile.email,
    company: profile.company,
    name: profile.accountName,
    job: '',
    communicationNumber: '',
    softType: 2007,
    softStatus: 1,
    businessType: 1,
    status: 1,
    infoStatus: 0,
    accountType: profile.mainAccountId === 0 ? 1 : 2,
    userType: 1,
    mainUserId: profile.mainAccountId,
    level: 50,
    pictureLever: null,
    zone: 2,
    rmbbalance: 0,
    usdbalance: 0,
    rmbCumulative: 0,
    usdCumulative: 0,
    credit: 0,
    coupon: 0,
    description: '',
    country: '',
    city: '',
    address: '',
    cpuPrice: 0,
    gpuPrice: 0,
    shareMainCapital: profile.shareMainCapital,
    subDeleteTask: 1,
    useMainBalance: 0,
    hideBalance: 0,
    hideJobCharge: 0,
    useLevelDirectory: 1,
    downloadDisable: 0,
    displaySubaccount: 1,
    subaccountLimits: 0,
    houdiniFlag: 0,
    c4dFlag: 0,
    blenderFlag: 1,
    keyshotFlag: 0,
    studentEndTime: null,
  };
}

/** `data` of queryUserSetting. Hours and seconds of the reminder time-out say the same. */
export function settingView(profile: AccountProfile) {
  return {
    infoStatus: 0,
    accountType: profile.mainAccountId === 0 ? 1 : 2,
    shareMainCapital: profile.shareMainCapital,
    subDeleteTask: 1,
    useMainBalance: 0,
    singleNodeRenderFrames: '1',
    maxIgnoreMapFlag: '1',
    autoCommit: '2',
    separateAccountFlag: 0,
    mifileSwitchFlag: 0,
    assfileSwitchFlag: 0,
    manuallyStartAnalysisFlag: 0,
    downloadDisable: 0,
    taskOverTime: Math.round(profile.taskOverTimeSec / HOUR_SEC),
    taskOverTimeSec: profile.taskOverTimeSec,
    ignoreMapFlag: 1,
    isVrayLicense: 0,
    justUploadConfigFlag: 0,
    justUploadCgFlag: 0,
    mandatoryAnalyseAllAgent: 0,
  };
}

/**
 * `data` of getRaySyncUserKey. The SDK asks for it on every transfer and needs an object; the keys in it open nothing
 * here, so they are plain marks derived from the account id.
 */
export function raySyncView(profile: AccountProfile, platform: number, now: number) {
  const mark = createHash('sha1').update(`croft-raysync:${profile.accountId}`).digest('hex');
  return {
    channel: 4,
    platform,
    signature: 'rayvision2017',
    version: '1.0.0',
    userKey: mark.slice(0, 32),
    id: profile.accountId,
    userName: profile.accountName,
    zone: 2,
    phone: profile.phone,
    email: profile.email,
    loginTime: now,
    infoStatus: 0,
    accountType: profile.mainAccountId === 0 ? 1 : 2,
    shareMainCapital: profile.shareMainCapital,
    subDeleteTask: 1,
    subDeleteCapital: 0,
    useMainBalance: 0,
    downloadDisable: 0,
    raySyncUserKey: mark,
  };
}
