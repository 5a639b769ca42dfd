export { computeCloudSuite } from './compute-cloud-suite.js';
export type { CloudRuleId, CloudSuiteOptions, CloudUnderTest } from './compute-cloud-suite.js';
export { identityProviderSuite } from './identity-provider-suite.js';
export type { IdentityRuleId, IdentityUnderTest } from './identity-provider-suite.js';
export { memberPickerSuite } from './member-picker-suite.js';
export type { PickerRuleId } from './member-picker-suite.js';
export type { Skips } from './conformance-rule.js';
