package provider

import (
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/alioss/terraform-provider-alioss/internal/credentials"
)

// block returns the arguments of the provider block, or of a block in it.
func block(v tftypes.Value) values {
	var m map[string]tftypes.Value
	if !v.IsKnown() || v.IsNull() || v.As(&m) != nil {
		return nil
	}
	return m
}

// nestedBlocks are the blocks in the provider block.
var nestedBlocks = []string{"assume_role", "assume_role_with_oidc"}

// credentialsOf returns what the provider block says of credentials; what is unknown or null is empty.
func credentialsOf(b values, region string) credentials.Config {
	secret := func(in values, name string) credentials.Secret { return credentials.NewSecret(in.text(name)) }
	c := credentials.Config{
		AccessKey: b.text("access_key"), SecretKey: secret(b, "secret_key"), SecurityToken: secret(b, "security_token"),
		Profile: b.text("profile"), SharedCredentialsFile: b.text("shared_credentials_file"), ECSRoleName: b.text("ecs_role_name"),
		CredentialsURI: b.text("credentials_uri"), STSEndpoint: b.text("sts_endpoint"), Region: region, Blank: blank(b, ""),
	}
	if r := block(b["assume_role"]); r != nil {
		c.AssumeRole = &credentials.AssumeRole{
			RoleARN: r.text("role_arn"), SessionName: r.text("session_name"), Policy: r.text("policy"),
			SessionExpiration: r.integer("session_expiration"), ExternalID: r.text("external_id"),
		}
	}
	if r := block(b["assume_role_with_oidc"]); r != nil {
		c.AssumeRoleWithOIDC = &credentials.AssumeRoleWithOIDC{
			OIDCProviderARN: r.text("oidc_provider_arn"), OIDCToken: secret(r, "oidc_token"), OIDCTokenFile: r.text("oidc_token_file"),
			RoleARN: r.text("role_arn"), RoleSessionName: r.text("role_session_name"), Policy: r.text("policy"),
			SessionExpiration: r.integer("session_expiration"),
		}
	}
	return c
}

// blank lists the arguments that are written as the empty string, or as 0.
func blank(b values, in string) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(b)) {
		switch {
		case slices.Contains(nestedBlocks, name):
			names = append(names, blank(block(b[name]), name+".")...)
		case !b.isGiven(name):
		case b[name].Type().Is(tftypes.String) && b.text(name) == "", b[name].Type().Is(tftypes.Number) && b.number(name).Sign() == 0:
			names = append(names, in+name)
		}
	}
	return names
}

// unknownIn lists the arguments of a block that are not known yet.
func unknownIn(b values) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(b)), func(name string) bool { return !b.isUnknown(name) })
}

func providerSchema() schema.Schema {
	optional := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description}
	}
	secret := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, Sensitive: true, MarkdownDescription: description}
	}
	seconds := func(description string) schema.NumberAttribute {
		return schema.NumberAttribute{Optional: true, MarkdownDescription: description}
	}
	return schema.Schema{
		MarkdownDescription: "Makes time-limited download links to private objects in Alibaba Cloud OSS.",
		Attributes: map[string]schema.Attribute{
			"region": optional("Id of the buckets' region, such as `\"cn-hangzhou\"`; signatures carry it. `\"oss-cn-hangzhou\"`, as " +
				"`alicloud_oss_bucket.location` writes it, is accepted too. Environment: `ALIBABA_CLOUD_REGION`, `ALICLOUD_REGION`, `OSS_REGION`."),
			"access_key": optional("AccessKey id. Goes with `secret_key`. Environment: `OSS_ACCESS_KEY_ID`, `ALIBABA_CLOUD_ACCESS_KEY_ID`, " +
				"`ALICLOUD_ACCESS_KEY` or `ALIBABACLOUD_ACCESS_KEY_ID`, each with the secret of the same family only."),
			"secret_key": secret("AccessKey secret. Environment: `OSS_ACCESS_KEY_SECRET`, `ALIBABA_CLOUD_ACCESS_KEY_SECRET`, " +
				"`ALICLOUD_SECRET_KEY` or `ALIBABACLOUD_ACCESS_KEY_SECRET`."),
			"security_token": secret("STS token of a temporary AccessKey. Environment: `OSS_SESSION_TOKEN`, `ALIBABA_CLOUD_SECURITY_TOKEN`, " +
				"`ALICLOUD_SECURITY_TOKEN` or `ALIBABACLOUD_SECURITY_TOKEN`."),
			"profile": optional("Profile of the Alibaba Cloud CLI's configuration. Environment: `ALIBABA_CLOUD_PROFILE`, `ALICLOUD_PROFILE`."),
			"shared_credentials_file": optional("File with the profile: the JSON of the Alibaba Cloud CLI (default `~/.aliyun/config.json`), or an " +
				"ini file (default `~/.alibabacloud/credentials`); its first character tells which. Environment: " +
				"`ALIBABA_CLOUD_CREDENTIALS_FILE`, `ALICLOUD_SHARED_CREDENTIALS_FILE`, `ALIBABA_CLOUD_CONFIG_FILE`."),
			"ecs_role_name": optional("RAM role of the ECS instance; the metadata service supplies its keys. Environment: " +
				"`ALIBABA_CLOUD_ECS_METADATA`, `ALICLOUD_ECS_ROLE_NAME`."),
			"credentials_uri": optional("Address that returns temporary credentials. Environment: `ALIBABA_CLOUD_CREDENTIALS_URI`, `ALICLOUD_CREDENTIALS_URI`."),
			"sts_endpoint": optional("Host of STS, such as `\"sts-vpc.cn-hangzhou.aliyuncs.com\"`; a VPC without internet access needs it. " +
				"Environment: `ALIBABA_CLOUD_STS_ENDPOINT`. Default: the host of the profile, or of the region."),
			"endpoint_type": optional("Which of the region's hosts URLs name: `\"public\"` (default), `\"internal\"`, `\"accelerate\"`, " +
				"`\"accelerate-overseas\"` or `\"dual-stack\"`."),
			"endpoint": optional("A whole endpoint, such as `\"https://oss-cn-hzjbp-b-internal.aliyuncs.com\"`, for regions with exceptional hosts and " +
				"private deployments; `http://` only if written out. Excludes `endpoint_type`. Environment: `OSS_ENDPOINT`."),
			"path_style": schema.BoolAttribute{Optional: true, MarkdownDescription: "`true` puts the bucket into the path, for private deployments. " +
				"It is automatic for IP addresses; the public service refuses it. Default `false`."},
		},
		Blocks: map[string]schema.Block{
			"assume_role": schema.SingleNestedBlock{
				MarkdownDescription: "A RAM role that is assumed with the credentials found.",
				Attributes: map[string]schema.Attribute{
					"role_arn": optional("The role: `acs:ram::<account>:role/<name>`; `\"\"` for no role. Environment: `ALIBABA_CLOUD_ROLE_ARN`, " +
						"`ALICLOUD_ASSUME_ROLE_ARN`."),
					"session_name": optional("Name of the session, 2 to 64 letters, digits and `.@-_`. Environment: " +
						"`ALIBABA_CLOUD_ROLE_SESSION_NAME`, `ALICLOUD_ASSUME_ROLE_SESSION_NAME`. Default `\"terraform\"`."),
					"policy": optional("RAM policy, in JSON, that narrows the session."),
					"session_expiration": seconds("How long the session lasts, in seconds: 900 to 43200, and no longer than the role allows. A URL ends with " +
						"the session that signed it. Environment: `ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION`. Default 3600."),
					"external_id": optional("External id that the role's trust policy requires."),
				},
			},
			"assume_role_with_oidc": schema.SingleNestedBlock{
				MarkdownDescription: "A RAM role that is assumed with an OIDC token: RRSA in ACK, or OIDC in CI. What is left out comes from the environment.",
				Attributes: map[string]schema.Attribute{
					"oidc_provider_arn": optional("The OIDC provider: `acs:ram::<account>:oidc-provider/<name>`. Environment: `ALIBABA_CLOUD_OIDC_PROVIDER_ARN`."),
					"oidc_token":        secret("The token itself, 4 to 20,000 characters. It takes precedence over `oidc_token_file`. Environment: `ALIBABA_CLOUD_OIDC_TOKEN`."),
					"oidc_token_file":   optional("File with the token. Environment: `ALIBABA_CLOUD_OIDC_TOKEN_FILE`."),
					"role_arn":          optional("The role: `acs:ram::<account>:role/<name>`. Environment: `ALIBABA_CLOUD_ROLE_ARN`."),
					"role_session_name": optional("Name of the session. Environment: `ALIBABA_CLOUD_ROLE_SESSION_NAME`. Default `\"terraform\"`."),
					"policy":            optional("RAM policy, in JSON, that narrows the session."),
					"session_expiration": seconds("How long the session lasts, in seconds: 900 to 43200, and no longer than the role allows. " +
						"Default 3600."),
				},
			},
		},
	}
}
