// Package credentials finds the keys that URLs are signed with, and when they expire. It is the
// only package of this module that reads the environment, files and the network for keys.
//
// # Who signs
//
// A configuration acts as one identity: the one that the alicloud provider would use with the same
// block and the same variables or, if alicloud has no such source, that of the SDK's default chain
// and the Alibaba Cloud CLI. It differs on purpose in five points. A source in the configuration
// takes precedence over variables. Key, secret and token never come from two sources. Half a pair
// of variables is an error. A source that refuses is an error. The OSS_ variables come first. The
// first source that exists signs:
//
//  1. The source in the configuration: access_key, profile or shared_credentials_file,
//     ecs_role_name, credentials_uri, or assume_role_with_oidc. More than one of them is an error
//     of [Check].
//  2. Keys in environment variables, by family: OSS_, ALICLOUD_ (ACCESS_KEY, then ACCESS_KEY_ID),
//     ALIBABA_CLOUD_, ALIBABACLOUD_. A pair of which one half is set is an error, unless a family
//     before it is complete. A token alone is skipped.
//  3. The OIDC variables: role, provider, and token or token file. An incomplete set is skipped,
//     and so is one whose token file does not exist.
//  4. The profile that a variable names, or the files that variables name. It is skipped if none of
//     the files exists. A file without the named profile is an error.
//  5. The credentials URI of a variable, then the instance role of a variable.
//  6. The files at their default places. A profile that is not named anywhere and cannot sign is
//     skipped.
//  7. The metadata service, without configuration. It is skipped if it returns no keys, whatever
//     the reason.
//
// If a source of step 1 does not exist on this machine, steps 2 and 3 are tried, and no other, with
// a [Notice]: no such file or token file, the metadata service disabled or out of reach, a URI
// whose host accepts no connection. A source that exists and refuses is an error.
//
// The source is chosen without the network ([Source.Region]), and its keys are fetched by
// [Source.Get]. When they expire, the same source is used again: a run never changes its identity.
//
// # Profiles
//
// A file whose first character is { is JSON of the Alibaba Cloud CLI, any other is ini: of the
// SDKs, whose sections have a type, or of ossutil. The profile is the named one, the current one of
// JSON or "default", in this order. If JSON has several of one name, a named profile is the last,
// as for alicloud, and any other the first, as for the SDK and the CLI. Empty fields are filled
// from variables as the CLI fills them. Key, secret and token come from one family, and only if the
// profile has neither key nor secret. Nothing is written into a file. CloudSSO and OAuth profiles
// use the session that the CLI stored while it is valid, and request a new one after that.
//
// # Roles
//
// A role is assumed only if the configuration has assume_role, or a profile is one. With a
// RamRoleArn or RamRoleArnWithRoleName profile the role of assume_role replaces the profile's. With
// any other source it is assumed in addition.
//
// The host of STS is the first that is set of sts_endpoint of the configuration,
// ALIBABA_CLOUD_STS_ENDPOINT and the profile's sts_endpoint. If none is set, it is
// sts.<region>.aliyuncs.com (sts-vpc.<region>.aliyuncs.com if ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED is
// true or the profile has enable_vpc), with the first region of ALIBABA_CLOUD_STS_REGION, the
// profile's sts_region, the configuration and the profile's region_id. Without a region it is
// sts.aliyuncs.com. IDs such as rg-china-mainland, which are no regions, are left out.
//
// # Expiry and waits
//
// The expiry is known for roles, OIDC, instance roles, and URIs, logins and commands that give it.
// It is not known for a session key that the configuration, the environment or a profile
// contains, except for a profile's sts_expiration. Long-lived keys have none.
//
// One source waits for services at most 10 s in all, of which the metadata service gets at most 4.5
// s. The command of an External profile has 60 s. testdata/waits.md counts the requests.
//
// Sources: the code of aliyun/terraform-provider-alicloud, aliyun/aliyun-cli and
// aliyun/credentials-go, run against the situations of testdata/cases.json, and the project's
// domain specification (§1).
package credentials
