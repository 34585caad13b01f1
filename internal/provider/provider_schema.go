package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/alioss/terraform-provider-alioss/internal/credentials"
)

// providerModel is the provider block.
type providerModel struct {
	Region                types.String `tfsdk:"region"`
	AccessKey             types.String `tfsdk:"access_key"`
	SecretKey             types.String `tfsdk:"secret_key"`
	SecurityToken         types.String `tfsdk:"security_token"`
	Profile               types.String `tfsdk:"profile"`
	SharedCredentialsFile types.String `tfsdk:"shared_credentials_file"`
	ECSRoleName           types.String `tfsdk:"ecs_role_name"`
	CredentialsURI        types.String `tfsdk:"credentials_uri"`
	STSEndpoint           types.String `tfsdk:"sts_endpoint"`
	AssumeRole            types.Object `tfsdk:"assume_role"`
	AssumeRoleWithOIDC    types.Object `tfsdk:"assume_role_with_oidc"`
	EndpointType          types.String `tfsdk:"endpoint_type"`
	Endpoint              types.String `tfsdk:"endpoint"`
	PathStyle             types.Bool   `tfsdk:"path_style"`
}

// credentials returns what the block says of credentials; what is unknown or null is empty.
func (m *providerModel) credentials(region string) credentials.Config {
	c := credentials.Config{
		AccessKey:             m.AccessKey.ValueString(),
		SecretKey:             credentials.NewSecret(m.SecretKey.ValueString()),
		SecurityToken:         credentials.NewSecret(m.SecurityToken.ValueString()),
		Profile:               m.Profile.ValueString(),
		SharedCredentialsFile: m.SharedCredentialsFile.ValueString(),
		ECSRoleName:           m.ECSRoleName.ValueString(),
		CredentialsURI:        m.CredentialsURI.ValueString(),
		STSEndpoint:           m.STSEndpoint.ValueString(),
		Region:                region,
		Blank:                 m.blank(),
	}
	if o := m.AssumeRole; !o.IsNull() && !o.IsUnknown() {
		c.AssumeRole = &credentials.AssumeRole{
			RoleARN:           stringIn(o, "role_arn"),
			SessionName:       stringIn(o, "session_name"),
			Policy:            stringIn(o, "policy"),
			SessionExpiration: secondsIn(o, "session_expiration"),
			ExternalID:        stringIn(o, "external_id"),
		}
	}
	if o := m.AssumeRoleWithOIDC; !o.IsNull() && !o.IsUnknown() {
		c.AssumeRoleWithOIDC = &credentials.AssumeRoleWithOIDC{
			OIDCProviderARN:   stringIn(o, "oidc_provider_arn"),
			OIDCToken:         credentials.NewSecret(stringIn(o, "oidc_token")),
			OIDCTokenFile:     stringIn(o, "oidc_token_file"),
			RoleARN:           stringIn(o, "role_arn"),
			RoleSessionName:   stringIn(o, "role_session_name"),
			Policy:            stringIn(o, "policy"),
			SessionExpiration: secondsIn(o, "session_expiration"),
		}
	}
	return c
}

// blank lists the arguments that are written as the empty string, or as 0, for package credentials.
func (m *providerModel) blank() []string {
	var names []string
	add := func(name string, value attr.Value) {
		switch v := value.(type) {
		case types.String:
			if !v.IsNull() && !v.IsUnknown() && v.ValueString() == "" {
				names = append(names, name)
			}
		case types.Number:
			if !v.IsNull() && !v.IsUnknown() && v.ValueBigFloat().Sign() == 0 {
				names = append(names, name)
			}
		}
	}
	add("access_key", m.AccessKey)
	add("secret_key", m.SecretKey)
	add("security_token", m.SecurityToken)
	for block, o := range map[string]types.Object{"assume_role": m.AssumeRole, "assume_role_with_oidc": m.AssumeRoleWithOIDC} {
		for name, value := range o.Attributes() {
			add(block+"."+name, value)
		}
	}
	return names
}

// checkSessionGiven refuses the zero that stands for no session_expiration in package credentials, which checks the rest.
func checkSessionGiven(seconds int64) error {
	if seconds == 0 {
		return fmt.Errorf("session_expiration must be between %d and %d seconds, got 0; leave session_expiration out for the default",
			credentials.MinSessionSeconds, credentials.MaxSessionSeconds)
	}
	return nil
}

func stringIn(o types.Object, name string) string {
	s, _ := o.Attributes()[name].(types.String)
	return s.ValueString()
}

// secondsIn returns a whole number of seconds, 0 where there is none. The attribute's own validator refuses others.
func secondsIn(o types.Object, name string) int64 {
	v, _ := o.Attributes()[name].(types.Number)
	if v.IsNull() || v.IsUnknown() {
		return 0
	}
	n, _ := wholeNumber(v, "")
	return n
}

func providerSchema() schema.Schema {
	optional := func(description string, validators ...validator.String) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description, Validators: validators}
	}
	secret := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, Sensitive: true, MarkdownDescription: description}
	}
	seconds := func(description string) schema.NumberAttribute {
		return schema.NumberAttribute{Optional: true, MarkdownDescription: description, Validators: []validator.Number{
			wholeNumberCheck{"900 to 43200 seconds", "Invalid Role", checkSessionGiven},
		}}
	}
	return schema.Schema{
		MarkdownDescription: "Makes time-limited download links to private objects in Alibaba Cloud OSS.",
		Attributes: map[string]schema.Attribute{
			"region": optional("Id of the buckets' region, such as `\"cn-hangzhou\"`; signatures carry it. `\"oss-cn-hangzhou\"`, as "+
				"`alicloud_oss_bucket.location` writes it, is accepted too. Environment: `ALIBABA_CLOUD_REGION`, `ALICLOUD_REGION`, `OSS_REGION`.",
				stringRule("Invalid Region", "a region id such as cn-hangzhou", checkRegion)...),
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
			"endpoint_type": optional("Which of the region's hosts URLs name: `\"public\"` (default), `\"internal\"`, `\"accelerate\"`, "+
				"`\"accelerate-overseas\"` or `\"dual-stack\"`.",
				append(stringRule("Invalid Endpoint Type", "one of the endpoint types", checkEndpointType), conflictsWith("endpoint")...)...),
			"endpoint": optional("A whole endpoint, such as `\"https://oss-cn-hzjbp-b-internal.aliyuncs.com\"`, for regions with exceptional hosts and "+
				"private deployments; `http://` only if written out. Excludes `endpoint_type`. Environment: `OSS_ENDPOINT`.",
				stringRule("Invalid Endpoint", "a host, with https:// or http:// and a port where needed", checkEndpoint)...),
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
