package provider

import (
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/alioss/terraform-provider-alioss/internal/credentials"
)

// credentialsOf returns the configuration of credentials. Unknown and null arguments are empty.
func credentialsOf(b values, region string) credentials.Config {
	secret := func(in values, name string) credentials.Secret { return credentials.NewSecret(in.text(name)) }
	c := credentials.Config{
		AccessKey: b.text("access_key"), SecretKey: secret(b, "secret_key"), SecurityToken: secret(b, "security_token"),
		Profile: b.text("profile"), SharedCredentialsFile: b.text("shared_credentials_file"),
		ECSRoleName:    b.text("ecs_role_name"),
		CredentialsURI: b.text("credentials_uri"), STSEndpoint: b.text("sts_endpoint"), Region: region,
		Blank: blankArguments(b, ""),
	}
	if r := b.elements("assume_role"); r != nil {
		c.AssumeRole = &credentials.AssumeRole{
			RoleARN: r.text("role_arn"), SessionName: r.text("session_name"), Policy: r.text("policy"),
			SessionExpiration: r.integer("session_expiration"), ExternalID: r.text("external_id"),
		}
	}
	if r := b.elements("assume_role_with_oidc"); r != nil {
		c.AssumeRoleWithOIDC = &credentials.AssumeRoleWithOIDC{
			OIDCProviderARN: r.text("oidc_provider_arn"), OIDCToken: secret(r, "oidc_token"),
			OIDCTokenFile: r.text("oidc_token_file"),
			RoleARN:       r.text("role_arn"), RoleSessionName: r.text("role_session_name"), Policy: r.text("policy"),
			SessionExpiration: r.integer("session_expiration"),
		}
	}
	return c
}

// blankArguments lists the arguments that are "" or 0, with a prefix such as "assume_role.".
func blankArguments(b values, in string) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(b)) {
		names = append(names, blankArguments(b.elements(name), name+".")...)
		if b[name].Equal(textValue("")) || b[name].Equal(tftypes.NewValue(tftypes.Number, 0)) {
			names = append(names, in+name)
		}
	}
	return names
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
		MarkdownDescription: "Presigned URLs for private objects in Alibaba Cloud OSS.",
		Attributes: map[string]schema.Attribute{
			"region": optional("Region ID of the buckets, such as `\"cn-hangzhou\"`. `\"oss-cn-hangzhou\"`, as in " +
				"`alicloud_oss_bucket.location`, is also accepted. Defaults to the region of the endpoint or of the profile " +
				"that signs. Can also be set with the `OSS_REGION`, `ALICLOUD_REGION`, `ALIBABA_CLOUD_REGION` or " +
				"`ALIBABA_CLOUD_REGION_ID` environment variable."),
			"access_key": optional("AccessKey ID of the credentials. Requires `secret_key`. Conflicts with `profile`, " +
				"`shared_credentials_file`, `ecs_role_name`, `credentials_uri` and `assume_role_with_oidc`. Can also be set " +
				"with the `OSS_ACCESS_KEY_ID`, `ALICLOUD_ACCESS_KEY`, `ALICLOUD_ACCESS_KEY_ID`, `ALIBABA_CLOUD_ACCESS_KEY_ID` " +
				"or `ALIBABACLOUD_ACCESS_KEY_ID` environment variable."),
			"secret_key": secret("AccessKey secret of the credentials. Requires `access_key`. Can also be set with the " +
				"`OSS_ACCESS_KEY_SECRET`, `ALICLOUD_SECRET_KEY`, `ALICLOUD_ACCESS_KEY_SECRET`, " +
				"`ALIBABA_CLOUD_ACCESS_KEY_SECRET` or `ALIBABACLOUD_ACCESS_KEY_SECRET` environment variable, from the same " +
				"family as the AccessKey ID."),
			"security_token": secret("STS token of a temporary AccessKey pair. Requires `access_key` and `secret_key`. Can " +
				"also be set with the `OSS_SESSION_TOKEN`, `ALICLOUD_SECURITY_TOKEN`, `ALIBABA_CLOUD_SECURITY_TOKEN` or " +
				"`ALIBABACLOUD_SECURITY_TOKEN` environment variable."),
			"profile": optional("Profile of the Alibaba Cloud CLI or of ossutil. Conflicts with `access_key`, " +
				"`ecs_role_name`, `credentials_uri` and `assume_role_with_oidc`. Can also be set with the `ALICLOUD_PROFILE`, " +
				"`ALIBABA_CLOUD_PROFILE` or `ALIBABACLOUD_PROFILE` environment variable."),
			"shared_credentials_file": optional("File that contains the profile, in the format of the Alibaba Cloud CLI " +
				"(JSON) or of ossutil (INI). Defaults to `~/.aliyun/config.json`, then `~/.alibabacloud/credentials`, " +
				"`~/.alibabacloud/credentials.ini` and `~/.ossutilconfig`. Conflicts with `access_key`, `ecs_role_name`, " +
				"`credentials_uri` and `assume_role_with_oidc`. Can also be set with the `ALIBABA_CLOUD_CONFIG_FILE`, " +
				"`ALICLOUD_SHARED_CREDENTIALS_FILE` or `ALIBABA_CLOUD_CREDENTIALS_FILE` environment variable."),
			"ecs_role_name": optional("Instance RAM role whose credentials the metadata service of ECS returns. Conflicts " +
				"with the other sources of credentials. Can also be set with the `ALICLOUD_ECS_ROLE_NAME` or " +
				"`ALIBABA_CLOUD_ECS_METADATA` environment variable."),
			"credentials_uri": optional("HTTP or HTTPS URL that returns temporary credentials. Conflicts with the other " +
				"sources of credentials. Can also be set with the `ALICLOUD_CREDENTIALS_URI`, `ALIBABA_CLOUD_CREDENTIALS_URI` " +
				"or `ALIBABACLOUD_CREDENTIALS_URI` environment variable."),
			"sts_endpoint": optional("Host of STS, such as `\"sts-vpc.cn-hangzhou.aliyuncs.com\"` for a VPC without internet " +
				"access. Defaults to the host of the profile or of the region. Can also be set with the " +
				"`ALIBABA_CLOUD_STS_ENDPOINT` environment variable."),
			"endpoint_type": optional("Kind of OSS endpoint in URLs. Valid values are `\"public\"`, `\"internal\"`, " +
				"`\"accelerate\"`, `\"accelerate-overseas\"` and `\"dual-stack\"`. Defaults to `\"public\"`. Conflicts with " +
				"`endpoint`."),
			"endpoint": optional("OSS endpoint to use instead of the region's, without the bucket, such as " +
				"`\"https://oss-cn-hzjbp-b-internal.aliyuncs.com\"`. HTTP is used only if the value starts with `http://`. " +
				"Conflicts with `endpoint_type`. Can also be set with the `OSS_ENDPOINT` environment variable."),
			"path_style": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether URLs contain the bucket in the path, for private deployments. " +
					"The public service of OSS does not accept it. Defaults to `false`, except for IP addresses.",
			},
		},
		Blocks: map[string]schema.Block{
			"assume_role": schema.SingleNestedBlock{
				MarkdownDescription: "RAM role that the provider assumes with the credentials above.",
				Attributes: map[string]schema.Attribute{
					"role_arn": optional("ARN of the RAM role, in the form `acs:ram::<account>:role/<name>`. `\"\"` assumes no " +
						"role. Can also be set with the `ALICLOUD_ASSUME_ROLE_ARN` or `ALIBABA_CLOUD_ROLE_ARN` environment variable."),
					"session_name": optional("Name of the role's session, 2 to 64 letters, digits and `.@-_`. Defaults to " +
						"`\"terraform\"`. Can also be set with the `ALICLOUD_ASSUME_ROLE_SESSION_NAME` or " +
						"`ALIBABA_CLOUD_ROLE_SESSION_NAME` environment variable."),
					"policy": optional("RAM policy in JSON that restricts the session."),
					"session_expiration": seconds("Lifetime of the session in seconds. A URL expires with the session that signs " +
						"it. Valid values are 900 to 43200, up to the maximum of the role. Defaults to 3600. Can also be set with the " +
						"`ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION` environment variable."),
					"external_id": optional("External ID that the trust policy of the role requires."),
				},
			},
			"assume_role_with_oidc": schema.SingleNestedBlock{
				MarkdownDescription: "RAM role that the provider assumes with an OIDC token, for example with RRSA in ACK or in " +
					"CI. Conflicts with the other sources of credentials.",
				Attributes: map[string]schema.Attribute{
					"oidc_provider_arn": optional("ARN of the OIDC provider, in the form " +
						"`acs:ram::<account>:oidc-provider/<name>`. Can also be set with the `ALIBABA_CLOUD_OIDC_PROVIDER_ARN` or " +
						"`ALIBABACLOUD_OIDC_PROVIDER_ARN` environment variable."),
					"oidc_token": secret("OIDC token, 4 to 20,000 characters, which takes precedence over `oidc_token_file`. Can " +
						"also be set with the `ALIBABA_CLOUD_OIDC_TOKEN` or `TFC_WORKLOAD_IDENTITY_TOKEN` environment variable."),
					"oidc_token_file": optional("File that contains the OIDC token. Can also be set with the " +
						"`ALIBABA_CLOUD_OIDC_TOKEN_FILE` or `ALIBABACLOUD_OIDC_TOKEN_FILE` environment variable."),
					"role_arn": optional("ARN of the RAM role, in the form `acs:ram::<account>:role/<name>`. Can also be set " +
						"with the `ALIBABA_CLOUD_ROLE_ARN` or `ALIBABACLOUD_ROLE_ARN` environment variable."),
					"role_session_name": optional("Name of the role's session, 2 to 64 letters, digits and `.@-_`. Defaults to " +
						"`\"terraform\"`. Can also be set with the `ALIBABA_CLOUD_ROLE_SESSION_NAME` environment variable."),
					"policy": optional("RAM policy in JSON that restricts the session."),
					"session_expiration": seconds("Lifetime of the session in seconds. A URL expires with the session that signs " +
						"it. Valid values are 900 to 43200, up to the maximum of the role. Defaults to 3600."),
				},
			},
		},
	}
}
