package credentials

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aliyun/credentials-go/credentials/providers"
)

// TestSignRPC checks the example of Alibaba Cloud's documentation of RPC signatures (ECS API
// reference, "Request signatures", DescribeRegions with testid and testsecret).
func TestSignRPC(t *testing.T) {
	t.Parallel()
	query := url.Values{
		"Action": {"DescribeRegions"}, "Format": {"XML"}, "Version": {"2014-05-26"}, "AccessKeyId": {"testid"},
		"SignatureMethod": {"HMAC-SHA1"}, "SignatureVersion": {"1.0"},
		"SignatureNonce": {"3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf"}, "Timestamp": {"2016-02-23T12:46:24Z"},
	}
	if got := signRPC("GET", "testsecret", query, nil); got != "OLeaidS1JvxuMvnyHOwuJ+uX5qY=" {
		t.Error(got)
	}
}

func TestEncode(t *testing.T) {
	t.Parallel()
	got := encode(url.Values{"b": {"aZ0-_.~ +*/=&%ä"}, "a+": {"1"}})
	if got != "a%2B=1&b=aZ0-_.~%20%2B%2A%2F%3D%26%25%C3%A4" {
		t.Error(got)
	}
}

// TestFakeSTSTakesTheLibrary shows that the fake's verification is that of the real thing as far as
// Alibaba's own library has it: a request of the library passes, with the same parameters.
func TestFakeSTSTakesTheLibrary(t *testing.T) {
	w := newWorld(t)
	shared := http.DefaultTransport
	http.DefaultTransport = w.transport()
	defer func() { http.DefaultTransport = shared }()
	const policy = `{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"acs:oss:*:*:b/*~ +ä"}]}`
	base, err := providers.NewStaticSTSCredentialsProviderBuilder().WithAccessKeyId("STS.AKID").
		WithAccessKeySecret("hush").WithSecurityToken("hush-token").Build()
	if err != nil {
		t.Fatal(err)
	}
	provider, err := providers.NewRAMRoleARNCredentialsProviderBuilder().WithCredentialsProvider(base).
		WithRoleArn(roleARN).WithRoleSessionName("ci").
		WithPolicy(policy).WithExternalId("a=b").WithDurationSeconds(1000).WithStsEndpoint(w.sts.server.address()).Build()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.GetCredentials(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.get(Config{
		AccessKey: "STS.AKID", SecretKey: NewSecret("hush"), SecurityToken: NewSecret("hush-token"),
		AssumeRole: &AssumeRole{
			RoleARN: roleARN, SessionName: "ci", Policy: policy, ExternalID: "a=b", SessionExpiration: 1000,
		},
	}); err != nil {
		t.Fatal(err)
	}
	library, own := w.sts.requests[0], w.sts.requests[1]
	for name := range library {
		switch name {
		case "Timestamp", "SignatureNonce", "Signature":
		default:
			if own.Get(name) != library.Get(name) {
				t.Errorf("%s: %q, the library sends %q", name, own.Get(name), library.Get(name))
			}
		}
	}
	if len(own) != len(library) {
		t.Errorf("%d parameters, the library sends %d", len(own), len(library))
	}
}

func TestShowable(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		message string
		secrets []string
		want    string
	}{
		"plain":                  {"You are not authorized.", []string{"hush-secret", ""}, "You are not authorized."},
		"with a string to sign":  {"server String to Sign is:POST&", nil, ""},
		"string to sign first":   {"String to sign: POST&", nil, ""},
		"with a short secret":    {"wrong: hush6b", []string{"hush6b"}, ""},
		"longest":                {strings.Repeat("ä", 300), nil, strings.Repeat("ä", 300)},
		"with a secret":          {"wrong: hush-secret!", []string{"hush-secret"}, ""},
		"with an escaped secret": {"wrong: a%2Fb%3Dhush", []string{"a/b=hush"}, ""},
		"escaped twice":          {"wrong: a%252Fb%253Dhush", []string{"a/b=hush"}, ""},
		"part of a token":        {"wrong: hushbody", []string{oidcToken}, ""},
		"short parts are not":    {"wrong: abc", []string{"abc.def"}, "wrong: abc"},
		"control characters":     {"a\x1b[31m\nb", nil, "a [31m b"},
		"long":                   {strings.Repeat("ä", 301), nil, strings.Repeat("ä", 300) + "…"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := showable(test.message, test.secrets); got != test.want {
				t.Errorf("%s: %q, want %q", name, got, test.want)
			}
		})
	}
}

func TestHints(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ action, code, message, want string }{
		"caller": {"AssumeRole", "NoPermission", "You are not authorized", "sts:AssumeRole"},
		"root": {
			"AssumeRole", "NoPermission", "Roles may not be assumed by root accounts.",
			"the AccessKey is that of the account itself",
		},
		"OIDC trust":   {actionOIDC, "NoPermission", "", "OIDC provider"},
		"OIDC refused": {actionOIDC, "AuthenticationFail.NoPermission", "", "trust policy"},
		"OIDC issuer":  {actionOIDC, "AuthenticationFail.OIDCToken.IssuerMismatch", "", "issuer"},
		"duration":     {"AssumeRole", "InvalidParameter.DurationSeconds", "", "MaxSessionDuration"},
		"role":         {"AssumeRole", "EntityNotExist.Role", "", "does not exist"},
		"clock":        {"AssumeRole", "InvalidTimeStamp.Expired", "", "clock"},
		"ended token":  {"AssumeRole", "InvalidSecurityToken.Expired", "", "has expired"},
		"unknown":      {"AssumeRole", "SomethingElse", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := hint(test.action, test.code, test.message)
			if !strings.Contains(got, test.want) || test.want == "" && got != "" {
				t.Errorf("%s: %q, want %q", name, got, test.want)
			}
		})
	}
}

// TestRefusal has the whole text of a refusal of STS.
func TestRefusal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sts.denied[roleARN] = true
	w.vars["OSS_ACCESS_KEY_ID"], w.vars["OSS_ACCESS_KEY_SECRET"] = "AKID", "hush"
	_, err := w.get(Config{AssumeRole: &AssumeRole{RoleARN: roleARN}})
	var where *Error
	if !errors.As(err, &where) || len(where.Places) != 0 {
		t.Fatalf("%T: %v", err, err)
	}
	for _, words := range []string{
		roleARN, `STS at sts.aliyuncs.com answered with status 403 (code NoPermission, message "You are not authorized`,
		`, request ID 0B7E1D0C-1111-2222-3333-444455556666). The caller needs a policy that allows sts:AssumeRole on`,
	} {
		if !strings.Contains(err.Error(), words) {
			t.Errorf("error %v does not contain %q", err, words)
		}
	}
}
