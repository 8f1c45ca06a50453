/**
 * Codes of the Renderbus envelope. The numbers and the names in `message` are the API's, with its spelling mistakes,
 * since clients compare them; the texts for people are ours. Codes marked `client` are raised by the SDK itself and are
 * never answered by a farm.
 */

/** One code: its number, the word in `message`, and a sentence for people. */
export interface ApiCodeFacts {
  readonly code: number;
  readonly message: string;
  readonly en: string;
  readonly zh: string;
  readonly raisedBy: 'farm' | 'client';
  /** Why no farm of this kind ever answers it; absent where it may. */
  readonly never?: string;
}

const farm = <const Code extends number>(code: Code, message: string, en: string, zh: string) =>
  ({ code, message, en, zh, raisedBy: 'farm' }) as const;
/** A code that stands here because clients know it, though there is nothing here that could cause it. */
const never = <const Code extends number>(
  reason: string,
  code: Code,
  message: string,
  en: string,
  zh: string,
) => ({ code, message, en, zh, raisedBy: 'farm', never: reason }) as const;
const client = <const Code extends number>(code: Code, message: string, en: string, zh: string) =>
  ({ code, message, en, zh, raisedBy: 'client' }) as const;

const NAMED = 'every failure here has a code of its own';
const NO_REDIRECT = 'the farm never redirects';
const NO_CACHE = 'there is no cache beside the store';
const NO_SESSIONS = 'this API knows signed calls only; a wrong or missing signature is 611';
const NO_ZONES = 'an account may use a farm from every zone';
const NO_PHONES = 'accounts have no checked phone numbers, and no text messages are sent';
const NO_CAPTCHAS = 'there are no puzzles to prove that one is a person';
const NO_DEVICES = 'accounts are not bound to devices';
const NO_LINKED = 'nobody signs in through another service';
const NO_LOGOUT = 'signing out cannot fail';
const NO_REPEAT = 'choosing the same software again is no mistake';
const NO_SHOP = 'the farm sells nothing: it takes no payments and writes no invoices';
const NO_END = 'a page beyond the end is a success without rows';
const NO_MAIL = 'the farm sends no e-mail, so it refuses no address but one that is taken';
const NO_UPDATES = 'the API gives out no programs';

export const API_CODES = {
  fail: never(NAMED, 100, 'fail', 'The call failed.', '调用失败。'),
  success: farm(200, 'success', 'The call succeeded.', '调用成功。'),
  needRedirect: never(
    NO_REDIRECT,
    301,
    'need_redirect',
    'The call has to be sent to another address.',
    '请改用其他地址发送请求。',
  ),
  apiError: farm(400, 'apierror', 'The API could not handle the call.', '接口无法处理该请求。'),
  forbidden: farm(403, 'forbidden', 'This account may not do that.', '该账号无权执行此操作。'),
  resourceNotFound: farm(404, 'resource_not_found', 'There is no such thing here.', '找不到所请求的内容。'),
  internalError: farm(
    500,
    'internal_error',
    'The farm made a mistake; its log says more.',
    '农场内部出错，详情请查看日志。',
  ),
  labelAlreadyExists: farm(
    503,
    'label_already_exists',
    'There is already a label or project of that name.',
    '同名的标签或项目已经存在。',
  ),
  userCacheNotFound: never(
    NO_CACHE,
    513,
    'user_cache_notfount',
    'The farm remembers nothing about this user yet.',
    '尚无该用户的缓存信息。',
  ),
  parameterInvalid: farm(
    600,
    'parameter_invalid',
    'A parameter has a value that is not allowed.',
    '参数的值不合法。',
  ),
  parameterCantBeEmpty: farm(
    601,
    'parameter_cant_be_empty',
    'A parameter that is needed is missing.',
    '缺少必需的参数。',
  ),
  needUserLogin: never(NO_SESSIONS, 602, 'need_user_login', 'Sign in first.', '请先登录。'),
  illegalProtocol: farm(
    603,
    'illegal_protocol',
    'The request does not follow the protocol.',
    '请求不符合协议。',
  ),
  validateCodeError: never(
    NO_PHONES,
    604,
    'validate_code_error',
    'The code from the text message is wrong.',
    '短信验证码不正确。',
  ),
  insufficientPermissions: farm(
    605,
    'vinsufficient_permissions',
    'The access key lacks the permission for this call.',
    '访问密钥没有调用此接口的权限。',
  ),
  validateCommonCodeError: never(
    NO_CAPTCHAS,
    606,
    'validate_commom_code_error',
    'The verification code is wrong.',
    '验证码不正确。',
  ),
  validateSendCodeError: never(
    NO_PHONES,
    607,
    'validate_send_code_error',
    'The verification code could not be sent.',
    '验证码发送失败。',
  ),
  userAreaError: never(
    NO_ZONES,
    608,
    'user_area_error',
    'The account belongs to another zone.',
    '账号属于其他区域。',
  ),
  signatureExpired: farm(
    610,
    'signature_expired',
    "The timestamp of the request is too far from the farm's clock.",
    '请求的时间戳与农场时钟相差过大。',
  ),
  signatureInvalid: farm(
    611,
    'signature_invalid',
    'The access id is unknown or the signature does not fit.',
    '访问 ID 不存在或签名不匹配。',
  ),
  noMoreRecords: never(
    NO_END,
    700,
    'do_not_have_any_more_record',
    'There are no more records.',
    '没有更多记录了。',
  ),
  accountUnknown: farm(800, 'account_binding_user_null', 'There is no such account.', '没有这个账号。'),
  accountNotBound: never(
    NO_DEVICES,
    801,
    'account_not_binding',
    'The account is not bound to this device.',
    '账号未与该设备绑定。',
  ),
  accountBindingFailed: never(
    NO_DEVICES,
    802,
    'account_binding_fail',
    'The account could not be bound.',
    '账号绑定失败。',
  ),
  accountLocked: farm(
    804,
    'account_locked',
    'The account or its access key is disabled.',
    '账号或其访问密钥已停用。',
  ),
  accountPasswordWrong: farm(
    805,
    'account_username_password_fail',
    'User name or password is wrong.',
    '用户名或密码不正确。',
  ),
  accountUnionIdFailed: never(
    NO_LINKED,
    806,
    'account_unionid_fail',
    'The linked identity was not accepted.',
    '关联身份验证失败。',
  ),
  accountPhoneFailed: never(
    NO_PHONES,
    807,
    'account_phone_fail',
    'The phone number was not accepted.',
    '手机号验证失败。',
  ),
  accountUnionIdPhone: never(
    NO_LINKED,
    808,
    'account_unionid_phone',
    'The linked identity and the phone number do not belong together.',
    '关联身份与手机号不一致。',
  ),
  accountWeixinFailed: never(
    NO_LINKED,
    809,
    'account_weixin_fail',
    'Signing in with WeChat failed.',
    '微信登录失败。',
  ),
  accountWeiboFailed: never(
    NO_LINKED,
    810,
    'account_weibo_fail',
    'Signing in with Weibo failed.',
    '微博登录失败。',
  ),
  accountLogoutFailed: never(NO_LOGOUT, 811, 'account_logout_fail', 'Signing out failed.', '退出登录失败。'),
  accountLoginIpLimit: farm(
    812,
    'account_login_iplimitfail',
    'Signing in is not allowed from this address.',
    '不允许从该地址登录。',
  ),
  accountQqFailed: never(NO_LINKED, 813, 'account_qq_fail', 'Signing in with QQ failed.', 'QQ 登录失败。'),
  softwareAlreadyChosen: never(
    NO_REPEAT,
    814,
    'norepeat_select_software',
    'This software is already chosen.',
    '该软件已被选择。',
  ),
  accountUnionIdExists: never(
    NO_LINKED,
    815,
    'account_unionid_exists',
    'The linked identity already belongs to an account.',
    '该关联身份已属于其他账号。',
  ),
  validatePhoneFailed: never(
    NO_PHONES,
    900,
    'validate_phone_fail',
    'The phone number is not valid.',
    '手机号无效。',
  ),
  validateEmailFailed: farm(901, 'validate_email_fail', 'The e-mail address is not valid.', '邮箱地址无效。'),
  validateUsernameFailed: farm(902, 'validate_username_fail', 'The user name is not valid.', '用户名无效。'),
  accountEmailFailed: never(
    NO_MAIL,
    903,
    'account_email_fail',
    'The e-mail address was not accepted.',
    '邮箱未通过验证。',
  ),
  currencyNotSupported: never(
    NO_SHOP,
    904,
    'currency_not_support',
    'This currency is not supported.',
    '不支持该币种。',
  ),
  agentNotSupported: never(
    NO_SHOP,
    905,
    'agent_not_support',
    'This agent is not supported.',
    '不支持该代理商。',
  ),
  amountNotSupported: never(
    NO_SHOP,
    906,
    'amount_not_support',
    'This amount is not supported.',
    '不支持该金额。',
  ),
  couponNotSupported: never(
    NO_SHOP,
    908,
    'couponno_not_support',
    'This coupon cannot be used.',
    '该优惠券不可用。',
  ),
  payMethodNotSupported: never(
    NO_SHOP,
    909,
    'paymethod_not_support',
    'This way to pay is not supported.',
    '不支持该支付方式。',
  ),
  noInvoiceOrder: never(
    NO_SHOP,
    910,
    'no_invoice_order',
    'There is no order to make an invoice for.',
    '没有可开票的订单。',
  ),
  noInvoiceAddress: never(
    NO_SHOP,
    911,
    'no_invoice_address',
    'There is no address for the invoice.',
    '没有开票地址。',
  ),
  subUserHasTasks: farm(912, 'subuser_exists_tasks', 'The sub-account still has tasks.', '子账号仍有任务。'),
  subUserInArrears: farm(913, 'subuser_arrearage', 'The sub-account owes money.', '子账号处于欠费状态。'),
  subUserHasBalance: farm(
    914,
    'delsubuser_exists_balance',
    'The sub-account to delete still holds a balance.',
    '要删除的子账号仍有余额。',
  ),
  noInvoiceTemplate: never(
    NO_SHOP,
    915,
    'no_invoice_template',
    'There is no template for the invoice.',
    '没有发票模板。',
  ),
  receiptTypeWrong: never(
    NO_SHOP,
    916,
    'receipt_type_error',
    'The kind of receipt is wrong.',
    '票据类型不正确。',
  ),
  noLatestVersion: never(
    NO_UPDATES,
    920,
    'no_latest_version',
    'There is no newer version.',
    '没有更新的版本。',
  ),
  cacheFailed: never(NO_CACHE, 1000, 'redis_cache_fail', "The farm's cache failed.", '农场缓存出错。'),
  jsonFileUploadFailed: client(
    20004,
    'json_file_upload_failed',
    'A configuration file could not be uploaded.',
    '配置文件上传失败。',
  ),
  argumentFormatInvalid: client(
    200024,
    'argument_format_invalid',
    'The transfer program was given a wrong argument.',
    '传输程序的参数格式不正确。',
  ),
  nonUploadableFiles: client(
    200025,
    'non_uploadable_files',
    'Some files cannot be uploaded.',
    '存在无法上传的文件。',
  ),
  clientError: client(1000000, 'rayvisionerror', 'The client found an error of its own.', '客户端自身出错。'),
} satisfies Record<string, ApiCodeFacts>;

/** A number that may stand in `code`. */
export type ApiCode = (typeof API_CODES)[keyof typeof API_CODES]['code'];

const BY_CODE: ReadonlyMap<number, ApiCodeFacts> = new Map(
  Object.values(API_CODES).map((facts: ApiCodeFacts) => [facts.code, facts]),
);

/** What is known about a code; of a number that is none, what is known about `internal_error`. */
export function apiCodeFacts(code: number): ApiCodeFacts {
  return BY_CODE.get(code) ?? API_CODES.internalError;
}
