// Package credentials finds the keys that URLs are signed with, and says until when they are valid.
// It is the only package of this module that reads the environment, files and the network for keys.
//
// # Who signs
//
// A configuration acts as one identity: that which the alicloud provider would use with the same
// block and the same variables, and if alicloud has no such source, that of the SDK's default chain
// and the Alibaba Cloud CLI. It differs on purpose in five things. What the configuration names
// beats variables. Key, secret and token never come from two sources. Half a pair of variables is
// an error. A source that refuses is an error. The OSS_ variables come first.
//
// The first source that is there signs:
//
//  1. What the configuration names: access_key, profile or shared_credentials_file, ecs_role_name,
//     credentials_uri, or assume_role_with_oidc. More than one of them is an error of [Check].
//  2. Keys in environment variables, by family: OSS_, ALICLOUD_ (ACCESS_KEY, then ACCESS_KEY_ID),
//     ALIBABA_CLOUD_, ALIBABACLOUD_. A pair of which one half is set is an error, unless a family
//     before it is complete. A token alone is passed over.
//  3. The OIDC variables: role, provider, and token or token file. An incomplete set is passed
//     over, and so is one whose token file does not exist.
//  4. The profile that a variable names, or the files that variables name. It is passed over if
//     none of the files exists. A file without the named profile is an error.
//  5. The credentials URI of a variable, then the instance role of a variable.
//  6. The files at their default places. A profile that nobody named and that cannot sign is passed
//     over.
//  7. The metadata service, unasked. It is passed over whatever it answers.
//
// A source of step 1 that is not there on this machine gives way to steps 2 and 3, and to no other,
// with a [Notice]: no such file or token file, the metadata service switched off or out of reach, a
// URI whose host takes no connection. A source that is there and refuses is an error.
//
// The source is chosen without the network ([Source.Region]), and its keys are fetched by
// [Source.Get]. When they expire, the same source is asked again: a run never changes its identity.
//
// # Profiles
//
// A file whose first character is { is JSON of the Alibaba Cloud CLI, any other is ini: of the
// SDKs, whose sections have a type, or of ossutil. The profile is the one that is named, else the
// current one of JSON, else "default". Of several of one name in JSON, a named profile is the last,
// as for alicloud, and any other the first, as for the SDK and the CLI. Empty fields are filled
// from variables as the CLI fills them; key, secret and token come from one family, and only if the
// profile has neither key nor secret. Nothing is written into a file. CloudSSO and OAuth profiles
// use the session that the CLI stored while it is valid, and ask for a new one after that.
//
// # Roles
//
// A role is assumed only if the configuration has assume_role, or a profile is one. Over a
// RamRoleArn or RamRoleArnWithRoleName profile the role of assume_role replaces the profile's; over
// any other source it is one link more.
//
// The host of STS is sts_endpoint of the configuration, else ALIBABA_CLOUD_STS_ENDPOINT, else the
// profile's sts_endpoint, else sts.<region>.aliyuncs.com (sts-vpc.<region>.aliyuncs.com if
// ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED is true or the profile says enable_vpc) with the region of
// ALIBABA_CLOUD_STS_REGION, the profile's sts_region, the configuration or the profile's region_id,
// whichever is first; else sts.aliyuncs.com. IDs such as rg-china-mainland, which stand for no
// region, are left out.
//
// # Expiry
//
// It is known for roles, OIDC, instance roles, and for credentials URIs, logins and commands that
// tell it. It is not known for a session key that the configuration, the environment or a profile
// contains, except for a profile's sts_expiration; see [Credentials.EndUnknown]. Long-lived keys
// have none.
//
// # Waits
//
// One source waits for services at most 10 s in all, of which the metadata service gets at most 4.5
// s; the command of an External profile has 60 s. testdata/waits.md counts the requests.
//
// Sources: the code of aliyun/terraform-provider-alicloud, aliyun/aliyun-cli and
// aliyun/credentials-go, run against the situations of testdata/cases.json, and the project's
// domain specification (§1).
package credentials
