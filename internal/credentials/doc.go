// Package credentials finds the keys that a URL is signed with, and says until when they hold. It is the only package
// of this module that reads the environment, files and the network.
//
// # Order
//
// The first source that is there decides. A source that is there but incomplete, unreadable or refused is an error: the
// search does not go on to another identity. Only the metadata service is passed over whatever it answers, unless the
// configuration or a profile asks for it. A key, its secret and its token always come from one source.
//
// What the configuration says stands alone; nothing else is looked at. One of:
//
//   - access_key, secret_key and, for temporary credentials, security_token
//   - profile, shared_credentials_file, or both
//   - ecs_role_name
//   - credentials_uri
//   - assume_role_with_oidc; what the block leaves out comes from the OIDC variables below
//
// Where the configuration says none of these:
//
//  1. Environment variables OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET, OSS_SESSION_TOKEN
//  2. Environment variables ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET, ALIBABA_CLOUD_SECURITY_TOKEN
//  3. Environment variables ALICLOUD_ACCESS_KEY, ALICLOUD_SECRET_KEY, ALICLOUD_SECURITY_TOKEN
//  4. Environment variables ALIBABACLOUD_ACCESS_KEY_ID, ALIBABACLOUD_ACCESS_KEY_SECRET, ALIBABACLOUD_SECURITY_TOKEN
//  5. A profile (below)
//  6. OIDC by ALIBABA_CLOUD_OIDC_PROVIDER_ARN, ALIBABA_CLOUD_ROLE_ARN and one of ALIBABA_CLOUD_OIDC_TOKEN and
//     ALIBABA_CLOUD_OIDC_TOKEN_FILE; the token itself wins over the file. ALIBABA_CLOUD_ROLE_ARN alone does not count
//  7. The instance role by the metadata service, of the role that ALIBABA_CLOUD_ECS_METADATA or ALICLOUD_ECS_ROLE_NAME
//     names, or of the role that the service names
//  8. The credentials URI of ALIBABA_CLOUD_CREDENTIALS_URI or ALICLOUD_CREDENTIALS_URI
//
// The metadata service is asked with a token (version 2), and without one where it gives none and
// ALIBABA_CLOUD_IMDSV1_DISABLED is not true. It is not asked at all, for ecs_role_name and profiles neither, where
// ALIBABA_CLOUD_ECS_METADATA_DISABLED is true. Where there is none, the search waits for it at most 4.5 s.
//
// # Profile
//
// The profile's name is that of the configuration, else ALIBABA_CLOUD_PROFILE, else ALICLOUD_PROFILE, else what the file
// calls current (JSON), else default (ini). The file is shared_credentials_file, else the one that
// ALIBABA_CLOUD_CREDENTIALS_FILE, ALICLOUD_SHARED_CREDENTIALS_FILE or ALIBABA_CLOUD_CONFIG_FILE names; where nothing names
// one, ~/.aliyun/config.json and then ~/.alibabacloud/credentials. A file whose first non-blank byte is { is the JSON of the
// Alibaba Cloud CLI, any other is ini. A profile or file that the configuration or a variable names must be there; files at
// the default places may be missing, empty, closed to the user, or without a current profile that holds keys, and are then
// passed over; what is neither JSON nor ini is an error. They are not read where ALIBABA_CLOUD_CLI_PROFILE_DISABLED or
// ALIBABA_CLOUD_IGNORE_PROFILE is true and neither profile nor file is named.
//
// Modes AK, StsToken, RamRoleArn, EcsRamRole, OIDC, ChainableRamRoleArn, CredentialsURI, CloudSSO, OAuth and External are
// used; RamRoleArnWithRoleName, RsaKeyPair, BearerToken and Anonymous are refused. Empty keys, ARNs and files of a profile
// are errors, and no variable fills them; a session without a name is named as under a role on top. Nothing is written into a file: where the
// login of a CloudSSO or OAuth profile has ended, the session that the CLI has stored serves until it ends, and then the
// user must renew the login by the CLI. The command of an External profile is not run where
// ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS is true. Types of ini files are access_key, sts, ram_role_arn, ecs_ram_role,
// oidc_role_arn and credentials_uri.
//
// # Role on top
//
// With assume_role the credentials found assume that role. Its ARN is role_arn, else ALIBABA_CLOUD_ROLE_ARN, else
// ALICLOUD_ASSUME_ROLE_ARN; its session's name session_name, else ALIBABA_CLOUD_ROLE_SESSION_NAME, else
// ALICLOUD_ASSUME_ROLE_SESSION_NAME, else "terraform"; its duration session_expiration, else
// ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION, else 3600 s. A profile that is itself a role is assumed first.
//
// Without assume_role a role is assumed only where the configuration names no source, ALIBABA_CLOUD_ROLE_ARN and
// ALIBABA_CLOUD_ROLE_SESSION_NAME are both set, and the variables of OIDC are not complete (the role's ARN is theirs then).
// An assume_role whose role_arn is the empty text asks for none, whatever the variables say.
//
// # STS
//
// The host is that of ALIBABA_CLOUD_STS_ENDPOINT, else the profile's sts_endpoint, else sts.<region>.aliyuncs.com
// (sts-vpc.<region>.aliyuncs.com where ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED is true or the profile says enable_vpc) with the
// region of ALIBABA_CLOUD_STS_REGION, the profile's sts_region, the provider or the profile's region_id, whichever is
// first; else sts.aliyuncs.com. Ids such as rg-china-mainland, which stand for no region, are left out.
//
// # End
//
// The end of credentials is known for roles, OIDC, instance roles, credentials URIs that tell it, profiles of these, and
// for CloudSSO, OAuth and External profiles whose service or command tells it. It is not known for an STS token that the
// configuration, the environment or a profile holds (except for a profile's sts_expiration). Long-lived keys have none.
//
// Sources: Alibaba's library credentials-go, the Alibaba Cloud CLI and the alicloud provider, as the project's domain
// specification (§1) records them.
package credentials
