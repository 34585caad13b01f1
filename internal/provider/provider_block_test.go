package provider

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
	"github.com/alioss/terraform-provider-alioss/internal/signer"
	"github.com/alioss/terraform-provider-alioss/internal/testworld"
)

// only returns the world without environment variables but the given ones, and that which keeps off
// the metadata service.
func (w *world) only(variables map[string]string) *world {
	w.variables = map[string]string{"ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"}
	return w.with(variables)
}

// keys are the variables of a key pair.
func keys(more map[string]string) map[string]string {
	all := map[string]string{"OSS_ACCESS_KEY_ID": testKey, "OSS_ACCESS_KEY_SECRET": testSecret}
	maps.Copy(all, more)
	return all
}

// anObject is the smallest configuration of a data source.
func anObject(more args) args {
	return args{"bucket": "examplebucket", "key": "a"}.with(more)
}

func TestPlaceOrder(t *testing.T) {
	t.Parallel()
	const (
		internal = "https://examplebucket.oss-cn-hangzhou-internal.aliyuncs.com"
		public   = "https://examplebucket.oss-cn-hangzhou.aliyuncs.com"
		accel    = "https://examplebucket.oss-accelerate.aliyuncs.com"
		deployed = "http://examplebucket.oss.example.com:8080"
		domain   = "https://downloads.example.com"
	)
	for i, row := range []struct {
		variables    map[string]string
		block, links args
		region, host string
	}{
		{
			map[string]string{
				"ALIBABA_CLOUD_REGION": "b", "ALICLOUD_REGION": "a", "OSS_REGION": "cn-beijing",
			}, nil, nil, "cn-beijing", "",
		},
		{map[string]string{"ALICLOUD_REGION": "cn-shanghai", "ALIBABA_CLOUD_REGION": "b"}, nil, nil, "cn-shanghai", ""},
		{
			map[string]string{
				"ALIBABA_CLOUD_REGION": "", "ALICLOUD_REGION": "", "OSS_REGION": "eu-west-1",
			}, nil, nil, "eu-west-1", "",
		},
		{map[string]string{"OSS_REGION": "oss-eu-west-1"}, nil, nil, "eu-west-1", ""},
		{map[string]string{"ALIBABA_CLOUD_REGION": "cn-beijing"}, args{"region": "oss-us-west-1"}, nil, "us-west-1", ""},
		{
			map[string]string{"ALIBABA_CLOUD_REGION": "cn-beijing"},
			args{"region": "us-west-1"},
			args{"region": "me-east-1"},
			"me-east-1", "",
		},
		{map[string]string{"ALIBABA_CLOUD_REGION": "https://bad"}, args{"region": "us-west-1"}, nil, "us-west-1", ""},

		{nil, args{"region": "cn-hangzhou"}, nil, "cn-hangzhou", public},
		{nil, args{"region": "cn-hangzhou", "endpoint_type": "internal"}, nil, "cn-hangzhou", internal},
		{
			nil,
			args{"region": "cn-hangzhou", "endpoint_type": "internal"},
			args{"endpoint_type": "accelerate"},
			"cn-hangzhou", accel,
		},
		{
			nil,
			args{"region": "cn-hangzhou", "endpoint_type": "internal"},
			args{"endpoint_type": "public"},
			"cn-hangzhou",
			public,
		},
		{
			nil,
			args{"region": "cn-hangzhou", "endpoint_type": "internal"},
			args{"domain": "downloads.example.com"},
			"cn-hangzhou", domain,
		},
		{
			nil,
			args{"region": "cn-hangzhou", "endpoint_type": "internal"},
			args{"endpoint": "http://oss.example.com:8080"},
			"cn-hangzhou", deployed,
		},
		{nil, args{"region": "cn-hangzhou", "endpoint": "http://oss.example.com:8080"}, nil, "cn-hangzhou", deployed},
		{
			nil,
			args{"region": "cn-hangzhou", "endpoint": "http://oss.example.com:8080"},
			args{"endpoint_type": "internal"},
			"cn-hangzhou", internal,
		},
		{
			nil,
			args{"region": "cn-hangzhou", "endpoint": "http://oss.example.com:8080"},
			args{"domain": "downloads.example.com"},
			"cn-hangzhou", domain,
		},
		{
			nil,
			args{"region": "cn-hangzhou", "endpoint": "http://oss.example.com:8080", "path_style": true},
			nil, "cn-hangzhou",
			"http://oss.example.com:8080/examplebucket",
		},
		{
			map[string]string{"OSS_ENDPOINT": "oss-cn-hangzhou-internal.aliyuncs.com"},
			args{"region": "cn-hangzhou"},
			nil,
			"cn-hangzhou", internal,
		},
		{
			map[string]string{"OSS_ENDPOINT": "oss.example.com"},
			args{"region": "cn-hangzhou", "endpoint": "http://oss.example.com:8080"},
			nil,
			"cn-hangzhou", deployed,
		},
		{
			map[string]string{"OSS_ENDPOINT": "oss.example.com"},
			args{"region": "cn-hangzhou", "endpoint_type": "public"},
			nil,
			"cn-hangzhou", public,
		},
		{
			map[string]string{"OSS_ENDPOINT": "oss.example.com"},
			args{"region": "cn-hangzhou"},
			args{"endpoint_type": "internal"},
			"cn-hangzhou", internal,
		},
	} {
		t.Run(fmt.Sprintf("row %d", i), func(t *testing.T) {
			w := newWorld(t).only(keys(row.variables))
			r := w.configured(t, row.block).mustSign(anObject(row.links))
			u, err := signer.Parse(r.text("url"))
			if err != nil {
				t.Fatal(err)
			}
			if u.Region != row.region || r.text("region") != row.region {
				t.Errorf("row %d: region %q, in the result %q; want %q", i, u.Region, r.text("region"), row.region)
			}
			if !strings.HasPrefix(r.text("url"), row.host+"/") && row.host != "" {
				t.Errorf("row %d: the host is %s, want %s", i, u.Host, row.host)
			}
		})
	}
}

// faultsOf configures a provider, reads a data source, and returns the diagnostics.
func faultsOf(t testing.TB, w *world, block, link args) []*tfprotov6.Diagnostic {
	t.Helper()
	s := w.session(t)
	if d := s.configure(block); hasError(d) {
		return d
	}
	_, d := s.read("alioss_presigned_url", anObject(link))
	return d
}

// A host that only path style makes right passes validation, which does not see the provider block.
func TestPlaceThatPathStyleMakesRight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	link := anObject(args{"region": "cn-hangzhou", "endpoint": "https://examplebucket.example.com"})
	if d := w.session(t).validate("data", "alioss_presigned_url", link); len(d) > 0 {
		t.Errorf("at validate: %s", describe(d))
	}
	const want = "https://examplebucket.example.com/examplebucket/"
	if got := w.configured(t, args{"path_style": true}).mustSign(link).text("url"); !strings.HasPrefix(got, want) {
		t.Errorf("in path style the URL does not begin with %s", want)
	}
	expectRefusal(t, faultsOf(t, w, nil, link), badInput{
		at: "endpoint", title: "Invalid Endpoint", words: "begins with the bucket, which is added",
	})
}

func TestProviderFaults(t *testing.T) {
	t.Parallel()
	for i, row := range []struct {
		variables       map[string]string
		block, link     args
		at, title, says string
	}{
		{nil, nil, nil, "region", "Missing Region", "OSS_REGION, ALICLOUD_REGION, ALIBABA_CLOUD_REGION|provider block"},
		{
			map[string]string{"ALICLOUD_REGION": "cn-hangzhou-internal"},
			nil, nil, "", "Invalid Region",
			`environment variable ALICLOUD_REGION|endpoint_type to "internal"`,
		},
		{
			map[string]string{"OSS_REGION": "cn-hangzhou-h"},
			nil, nil, "", "Invalid Region",
			`variable OSS_REGION|region to "cn-hangzhou"`,
		},
		{
			map[string]string{"OSS_ENDPOINT": "https://a:" + hidden + "@b"},
			args{"region": "cn-hangzhou"},
			nil, "",
			"Invalid Endpoint", "variable OSS_ENDPOINT|user information",
		},
		{
			map[string]string{"OSS_ENDPOINT": "oss-cn-shanghai.aliyuncs.com"},
			args{"region": "cn-hangzhou"},
			nil, "", "Invalid Endpoint",
			`host of region "cn-shanghai"|comes from the environment variable OSS_ENDPOINT`,
		},
		{
			nil,
			args{"region": "cn-hangzhou", "endpoint": "oss-cn-hangzhou.aliyuncs.com"},
			args{"region": "cn-beijing"},
			"region", "Invalid Endpoint",
			`region is "cn-beijing"|comes from the provider block|set endpoint_type or endpoint here`,
		},
		{
			nil,
			args{"region": "cn-hangzhou", "endpoint_type": "dual-stack"},
			args{"region": "us-west-1"},
			"region", "Invalid Endpoint Type",
			`does not exist in region "us-west-1"|comes from the provider block|set endpoint_type or endpoint here`,
		},
		{
			nil,
			args{"region": "cn-hangzhou"},
			args{"region": "cb-f8z7"},
			"region", "Invalid Endpoint",
			`the CloudBox "cb-f8z7"|Set endpoint`,
		},
		{
			nil,
			args{"region": "cn-hangzhou", "path_style": true},
			nil, "", "Invalid Path Style",
			"Remove path_style|comes from the provider block",
		},
		{
			nil,
			args{"region": "cn-hangzhou", "access_key": testKey},
			nil, "secret_key", "Invalid Credentials",
			"access_key is set, but secret_key",
		},
		{
			map[string]string{"OSS_ACCESS_KEY_SECRET": ""},
			args{"region": "cn-hangzhou"},
			nil, "", "Invalid Credentials",
			"OSS_ACCESS_KEY_SECRET",
		},
		{
			map[string]string{"ALIBABA_CLOUD_PROFILE": "no-such"},
			args{"region": "cn-hangzhou", "profile": "other"},
			nil, "",
			"Invalid Credentials", `no profile "other"`,
		},
	} {
		t.Run(fmt.Sprintf("row %d", i), func(t *testing.T) {
			w := newWorld(t).only(keys(row.variables))
			w.files = map[string]string{
				"/home/user/.aliyun/config.json": `{"current":"a","profiles":[{"name":"a","mode":"EcsRamRole"}]}`,
			}
			d := faultsOf(t, w, row.block, row.link)
			expectRefusal(t, d, badInput{at: row.at, title: row.title, words: row.says})
		})
	}
}

func TestMissingCredentials(t *testing.T) {
	t.Parallel()
	w := newWorld(t).only(map[string]string{"OSS_REGION": "cn-hangzhou"})
	s := w.session(t)
	if d := append(s.validateProvider(nil), s.validate("data", "alioss_presigned_url", anObject(nil))...); len(d) > 0 {
		t.Errorf("at validate: %s", describe(d))
	}
	if d := s.configure(nil); len(d) > 0 {
		t.Errorf("at configure: %s", describe(d))
	}
	_, d := s.read("alioss_presigned_url", anObject(nil))
	if len(d) != 1 || d[0].Summary != "Missing Credentials" {
		t.Fatal(describe(d))
	}
	rest := d[0].Detail
	for _, place := range []string{
		"Set access_key and secret_key", "OSS_ACCESS_KEY_ID", "ALICLOUD_ACCESS_KEY", "ALIBABA_CLOUD_ACCESS_KEY_ID",
		"ALIBABACLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_OIDC", "ALICLOUD_PROFILE", "ALIBABA_CLOUD_CREDENTIALS_URI",
		".aliyun/config.json", ".alibabacloud/credentials", "metadata",
		`guide "Authentication reference"`,
	} {
		_, after, ok := strings.Cut(rest, place)
		if !ok {
			t.Errorf("%q is not there, or not in its place: %s", place, d[0].Detail)
		}
		rest = after
	}
}

func TestKeysOfOneSource(t *testing.T) {
	t.Parallel()
	families := []map[string]string{
		{"OSS_ACCESS_KEY_ID": "oss-key", "OSS_ACCESS_KEY_SECRET": "a", "OSS_SESSION_TOKEN": "oss-token"},
		{"ALICLOUD_ACCESS_KEY": "ali-key", "ALICLOUD_SECRET_KEY": "c", "ALICLOUD_SECURITY_TOKEN": "ali-token"},
		{
			"ALIBABA_CLOUD_ACCESS_KEY_ID": "cloud-key", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "b",
			"ALIBABA_CLOUD_SECURITY_TOKEN": "cloud-token",
		},
		{
			"ALIBABACLOUD_ACCESS_KEY_ID": "baba-key", "ALIBABACLOUD_ACCESS_KEY_SECRET": "e",
			"ALIBABACLOUD_SECURITY_TOKEN": "baba-token",
		},
	}
	for first, name := range []string{"oss", "ali", "cloud", "baba"} {
		w := newWorld(t).only(map[string]string{"OSS_REGION": "cn-hangzhou"})
		for _, family := range families[first:] {
			w.with(family)
		}
		for _, block := range []args{
			nil, {"access_key": "", "secret_key": "", "security_token": ""}, {"access_key": "own-key", "secret_key": "d"},
		} {
			wantKey, wantToken := name+"-key", name+"-token"
			if block["access_key"] == "own-key" {
				wantKey, wantToken = "own-key", ""
			}
			u, err := url.Parse(w.configured(t, block).mustSign(anObject(nil)).text("url"))
			if err != nil {
				t.Fatal(err)
			}
			key, _, _ := strings.Cut(u.Query().Get("x-oss-credential"), "/")
			if token := u.Query().Get("x-oss-security-token"); key != wantKey || token != wantToken {
				t.Errorf("%s, block %v: signed by %q with %q", name, block, key, token)
			}
		}
	}
}

// recorder is a network with one service, which records the requests.
type recorder struct {
	mu       sync.Mutex
	requests []url.Values
	hosts    []string
	answer   func(host string, form url.Values) (int, any)
}

func (r *recorder) RoundTrip(q *http.Request) (*http.Response, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	form := q.URL.Query()
	if q.Body != nil {
		body, err := io.ReadAll(q.Body)
		if err != nil {
			return nil, err
		}
		more, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, err
		}
		maps.Copy(form, more)
	}
	r.requests, r.hosts = append(r.requests, form), append(r.hosts, q.URL.Host)
	status, body := r.answer(q.URL.Host, form)
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	return testworld.Answer(q, status, string(text)), nil
}

// temporary is the answer of a credentials URI.
func temporary(end time.Time) map[string]string {
	return map[string]string{
		"Code": "Success", "AccessKeyId": "STS.example", "AccessKeySecret": testSecret, "SecurityToken": testToken,
		"Expiration": end.UTC().Format(time.RFC3339),
	}
}

// sts answers with a session of an hour.
func sts(string, url.Values) (int, any) {
	return http.StatusOK, map[string]any{"Credentials": temporary(start.Add(time.Hour)), "RequestId": "1"}
}

func TestRoleBlocks(t *testing.T) {
	t.Parallel()
	const policy = `{"Version":"1","Statement":[]}`
	for name, row := range map[string]struct {
		block     args
		variables map[string]string
		host      string
		form      map[string]string
	}{
		"as alicloud has it": {
			block: args{"region": "cn-beijing", "assume_role": args{
				"role_arn": "acs:ram::1234567890123456:role/downloads", "session_name": "ci", "policy": policy,
				"session_expiration": 1800,
				"external_id":        "abc",
			}},
			host: "sts.cn-beijing.aliyuncs.com",
			form: map[string]string{
				"Action": "AssumeRole", "AccessKeyId": testKey, "RoleArn": "acs:ram::1234567890123456:role/downloads",
				"RoleSessionName": "ci",
				"DurationSeconds": "1800", "Policy": policy, "ExternalId": "abc",
			},
		},
		"by the environment": {
			block: args{"region": "cn-beijing", "assume_role": args{}},
			variables: map[string]string{
				"ALIBABA_CLOUD_ROLE_ARN": "acs:ram::1:role/of-the-environment", "ALIBABA_CLOUD_ROLE_SESSION_NAME": "env",
			},
			host: "sts.cn-beijing.aliyuncs.com",
			form: map[string]string{
				"Action": "AssumeRole", "RoleArn": "acs:ram::1:role/of-the-environment", "RoleSessionName": "env",
				"DurationSeconds": "3600", "Policy": "",
			},
		},
		"block before environment": {
			block:     args{"region": "cn-beijing", "assume_role": args{"role_arn": "acs:ram::1:role/of-the-block"}},
			variables: map[string]string{"ALIBABA_CLOUD_ROLE_ARN": "acs:ram::1:role/of-the-environment"},
			host:      "sts.cn-beijing.aliyuncs.com",
			form:      map[string]string{"RoleArn": "acs:ram::1:role/of-the-block", "RoleSessionName": "terraform"},
		},
		"OIDC as alicloud has it": {
			block: args{"region": "cn-beijing", "assume_role_with_oidc": args{
				"oidc_provider_arn": "acs:ram::1:oidc-provider/github", "oidc_token": "a-token", "role_arn": "acs:ram::1:role/ci",
				"role_session_name": "build", "policy": policy, "session_expiration": 900,
			}},
			host: "sts.cn-beijing.aliyuncs.com",
			form: map[string]string{
				"Action": "AssumeRoleWithOIDC", "OIDCProviderArn": "acs:ram::1:oidc-provider/github", "OIDCToken": "a-token",
				"RoleArn":         "acs:ram::1:role/ci",
				"RoleSessionName": "build", "Policy": policy, "DurationSeconds": "900", "AccessKeyId": "", "Signature": "",
			},
		},
		"OIDC by a file": {
			block: args{"region": "cn-beijing", "assume_role_with_oidc": args{
				"oidc_provider_arn": "acs:ram::1:oidc-provider/github", "oidc_token_file": "/var/run/token",
				"role_arn": "acs:ram::1:role/ci",
			}},
			host: "sts.cn-beijing.aliyuncs.com",
			form: map[string]string{"OIDCToken": "token-of-the-file"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).only(keys(row.variables))
			w.files = map[string]string{"/var/run/token": "token-of-the-file\n"}
			network := &recorder{answer: sts}
			w.transport = network
			r := w.configured(t, row.block).mustSign(anObject(args{"expiry": "2h"}))
			if len(network.requests) != 1 || network.hosts[0] != row.host {
				t.Fatalf("asked %v", network.hosts)
			}
			for name, want := range row.form {
				if got := network.requests[0].Get(name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
			if end := r.text("expires_at"); end == "2026-03-01T14:00:00Z" {
				t.Errorf("expires_at is %s, the end of the URL and not that of the session", end)
			}
		})
	}
}

// TestNoRole keeps the meaning that alicloud gives to an empty ARN.
func TestNoRole(t *testing.T) {
	t.Parallel()
	for name, variables := range map[string]map[string]string{
		"no variable": nil,
		"variables that ask for a role": {
			"ALIBABA_CLOUD_ROLE_ARN": "acs:ram::1:role/of-the-environment", "ALIBABA_CLOUD_ROLE_SESSION_NAME": "ci",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).with(variables)
			w.transport = forbidden{t}
			r := w.configured(t, args{"assume_role": args{
				"role_arn":     "",
				"session_name": "ci",
			}}).mustSign(anObject(args{"expiry": "2h"}))
			if end := r.text("expires_at"); end != "2026-03-01T14:00:00Z" {
				t.Errorf("%s: expires_at is %s, want the end of the URL", name, end)
			}
		})
	}
}

func TestRefusedRole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.transport = &recorder{answer: func(string, url.Values) (int, any) {
		return http.StatusForbidden, map[string]any{
			"Code": "NoPermission", "Message": "You are not authorized to do this action.", "RequestId": "1",
			"Signature": hidden,
		}
	}}
	d := faultsOf(t, w, args{"assume_role": args{"role_arn": "acs:ram::1:role/a"}}, nil)
	expectRefusal(t, d, badInput{title: "Invalid Credentials", words: "NoPermission|acs:ram::1:role/a"})
}

// forbidden is a network that fails the test on a request.
type forbidden struct{ t testing.TB }

func (f forbidden) RoundTrip(r *http.Request) (*http.Response, error) {
	f.t.Errorf("asked %s", r.URL.Host)
	return nil, http.ErrAbortHandler
}

// sources are blocks whose credentials need a request.
func sources() map[string]args {
	return map[string]args{
		"ecs_role_name":   {"ecs_role_name": "a"},
		"credentials_uri": {"credentials_uri": "http://localhost:8080/"},
		"assume_role": {
			"access_key": testKey, "secret_key": testSecret, "assume_role": args{"role_arn": "acs:ram::1:role/a"},
		},
		"oidc": {"assume_role_with_oidc": args{
			"oidc_provider_arn": "acs:ram::1:oidc-provider/a", "oidc_token": "a-token", "role_arn": "acs:ram::1:role/a",
		}},
	}
}

func TestNoRequestWithoutSigning(t *testing.T) {
	t.Parallel()
	for name, block := range sources() {
		w := newWorld(t).only(map[string]string{"OSS_REGION": "cn-hangzhou"})
		w.transport = forbidden{t}
		s := w.session(t)
		said := append(s.validateProvider(block), s.configure(block)...)
		for _, f := range forms {
			said = append(said, f.validate(s, f.with(nil))...)
		}
		if len(said) > 0 {
			t.Errorf("%s: %s", name, describe(said))
		}
		// An error of the metadata service, which is not there, would be one more.
		t.Run(name, func(t *testing.T) {
			_, d := s.read("alioss_presigned_url", anObject(args{"key": "/a"}))
			expectRefusal(t, d, badInput{at: "key", title: "Invalid Key", words: "slash"})
			_, d = s.read("alioss_presigned_url", anObject(args{"not_after": "2027-01-01T00:00:00Z"}))
			expectRefusal(t, d, badInput{
				at: "not_after", title: "Invalid Not After", words: "at most 7d after the signing time",
			})
		})
	}
}

func TestCredentialsFetchedOnce(t *testing.T) {
	t.Parallel()
	const reads = 200
	w := newWorld(t).only(map[string]string{"OSS_REGION": "cn-hangzhou"})
	w.oss.SetCredential(osstest.Credential{
		AccessKeyID: "STS.example", AccessKeySecret: testSecret, SecurityToken: testToken,
	})
	network := &recorder{
		answer: func(string, url.Values) (int, any) { return http.StatusOK, temporary(start.Add(30 * time.Minute)) },
	}
	w.transport = network
	s := w.configured(t, args{"credentials_uri": "http://localhost:8080/"})
	schema := schemaOf("data", "alioss_presigned_url")
	var group sync.WaitGroup
	answers := make([]*tfprotov6.ReadDataSourceResponse, reads)
	errors := make([]error, reads)
	for i := range reads {
		config := s.dynamic(schema, anObject(args{"key": fmt.Sprint("object ", i)}))
		group.Go(func() {
			answers[i], errors[i] = s.server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
				TypeName: "alioss_presigned_url", Config: config,
			})
		})
	}
	group.Wait()
	warnings := 0
	for i, answer := range answers {
		if errors[i] != nil || hasError(answer.Diagnostics) {
			t.Fatal(errors[i], describe(answer.Diagnostics))
		}
		warnings += len(answer.Diagnostics)
		r := s.result(schema, answer.State)
		if err := w.accepted(http.MethodGet, fmt.Sprint("object ", i), nil).CheckValue(r.text("url")); err != nil {
			t.Fatal(err)
		}
		if end := r.text("expires_at"); end != "2026-03-01T12:30:00Z" {
			t.Fatalf("expires_at is %s", end)
		}
	}
	if len(network.requests) != 1 || warnings != 1 {
		t.Errorf("%d requests for credentials and %d warnings, want one of each", len(network.requests), warnings)
	}
	w.clock.Advance(29*time.Minute + time.Second)
	if _, d := s.read("alioss_presigned_url", anObject(nil)); len(network.requests) != 2 {
		t.Errorf("%d requests after the credentials have almost ended: %s", len(network.requests), describe(d))
	}
}

func TestUnknownProviderArguments(t *testing.T) {
	t.Parallel()
	s := newWorld(t).session(t)
	for _, a := range schemas().Provider.Block.Attributes {
		block := args{a.Name: unknown}
		switch a.Name {
		case "access_key":
			block["secret_key"], block["security_token"] = testSecret, testToken
		case "secret_key":
			block["access_key"] = testKey
		case "security_token":
			block["access_key"], block["secret_key"] = "STS.example", testSecret
		}
		expectUnknown(t, a.Name, block)
	}
	expectUnknown(t, "access_key, secret_key", args{
		"access_key": unknown, "secret_key": unknown, "security_token": testToken,
	})
	for _, b := range schemas().Provider.Block.BlockTypes {
		expectUnknown(t, b.TypeName, args{b.TypeName: unknown})
		for _, a := range b.Block.Attributes {
			expectUnknown(t, b.TypeName, args{b.TypeName: args{a.Name: unknown}})
		}
	}
	d := s.validateProvider(args{"assume_role": args{"role_arn": unknown, "session_name": "a b"}})
	expectRefusal(t, d, badInput{at: "assume_role.session_name", title: "Invalid Role", words: "2 to 64"})
}

// expectUnknown wants a block to be valid, and reading to be refused with the name of what is not
// known and no request. An ephemeral URL is left unknown, with a warning.
func expectUnknown(t *testing.T, name string, block args) {
	t.Helper()
	w := newWorld(t)
	w.transport = forbidden{t}
	s := w.session(t)
	if d := append(s.validateProvider(block), s.configure(block)...); len(d) > 0 {
		t.Errorf("%s: %s", name, describe(d))
		return
	}
	for _, source := range []struct {
		typ    string
		config args
	}{
		{"alioss_presigned_url", anObject(nil)},
		{"alioss_presigned_urls", args{"bucket": "examplebucket", "keys": keyList("a")}},
	} {
		r, d := s.read(source.typ, source.config)
		expectRefusal(t, d, badInput{
			title: "Unknown Provider Argument", words: "not known before apply: " + name + ".|-target|at plan",
		})
		if url, ok := r["url"]; ok && !url.IsNull() {
			t.Errorf("%s: there is a URL all the same", name)
		}
	}
	r, d := s.open("alioss_presigned_url", anObject(nil))
	if hasError(d) || !strings.Contains(describe(d), "not known before apply: "+name+".") || r["url"].IsKnown() {
		t.Errorf("%s: ephemeral: url known: %v\n%s", name, r["url"].IsKnown(), describe(d))
	}
}

func TestUnknownArguments(t *testing.T) {
	t.Parallel()
	s := newWorld(t).configured(t, nil)
	count := 0
	for _, f := range forms {
		for _, a := range f.schema().Block.Attributes {
			if !a.Optional && !a.Required {
				continue
			}
			values := []any{unknown}
			if m, ok := a.Type.(tftypes.Map); ok {
				values = append(values, map[string]any{"cache-control": unknown}, tftypes.NewValue(m, map[string]tftypes.Value{}))
			}
			if a.Optional {
				values = append(values, nil)
			}
			for _, v := range values {
				count++
				if a.Name == "keys" && v == nil {
					continue // without a prefix, they are required
				}
				if d := f.validate(s, f.with(args{a.Name: v})); len(d) > 0 {
					t.Errorf("%s: %s = %v: %s", f.name, a.Name, v, describe(d))
				}
			}
			// There must be no error about an unknown argument beside one that excludes it.
			for _, other := range []args{
				{"expiry": "1h"}, {"domain": "downloads.example.com"}, {"endpoint_type": "internal"}, {"method": "PUT"},
			} {
				if other[a.Name] != nil || !f.has(other) {
					continue
				}
				config := maps.Clone(other)
				config[a.Name] = unknown
				for _, said := range f.validate(s, f.with(config)) {
					if !slices.Contains([]string{"filename", "response_headers", "process", "version"}, a.Name) ||
						other["method"] == nil {
						t.Errorf("%s: %v: %s: %s", f.name, config, said.Summary, said.Detail)
					}
				}
			}
		}
	}
	t.Logf("%d unknown or null values", count)
}
