package provider

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// parse calls the function as the CLI does, of a provider that nobody configured.
func (s *session) parse(url any) (result, *tfprotov6.FunctionError) {
	s.t.Helper()
	argument, err := tfprotov6.NewDynamicValue(tftypes.String, tftypes.NewValue(tftypes.String, url))
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := s.server.CallFunction(s.t.Context(), &tfprotov6.CallFunctionRequest{
		Name:      "parse_presigned_url",
		Arguments: []*tfprotov6.DynamicValue{&argument},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	if resp.Error != nil {
		return nil, resp.Error
	}
	v, err := resp.Result.Unmarshal(schemas().Functions["parse_presigned_url"].Return.Type)
	if err != nil {
		s.t.Fatal(err)
	}
	var r result
	var fields map[string]tftypes.Value
	if err := v.As(&fields); err != nil {
		s.t.Fatal(err)
	}
	r = fields
	return r, nil
}

// The function finds in a URL what went into it, whatever the address and the key.
func TestParseFunctionReadsWhatIsSigned(t *testing.T) {
	w := newWorld(t)
	w.variables["OSS_SESSION_TOKEN"] = ""
	w.clock.Set(time.Date(2028, 2, 29, 23, 59, 59, 0, time.UTC))
	for _, c := range []struct {
		config                  args
		scheme, host, key, vers string
		headers                 string
	}{
		{nil, "https", "examplebucket.oss-cn-hangzhou.aliyuncs.com", "agent.tar.gz", "", ""},
		{args{"key": "a b+中/ü?#%2F.txt"}, "https", "examplebucket.oss-cn-hangzhou.aliyuncs.com", "a b+中/ü?#%2F.txt", "", ""},
		{args{"version": "CAEQ+/=="}, "https", "examplebucket.oss-cn-hangzhou.aliyuncs.com", "agent.tar.gz", "CAEQ+/==", ""},
		{args{"domain": "http://downloads.example.com:8080"}, "http", "downloads.example.com:8080", "agent.tar.gz", "", ""},
		{args{"endpoint": "http://127.0.0.1:9000"}, "http", "127.0.0.1:9000", "agent.tar.gz", "", ""},
		{
			args{"endpoint_type": "internal", "bind_host": true},
			"https", "examplebucket.oss-cn-hangzhou-internal.aliyuncs.com",
			"agent.tar.gz", "", "host",
		},
		{
			args{"headers": map[string]string{"X-B": "1", "a-header": "2", "content-type": "x"}, "bind_host": true},
			"https",
			"examplebucket.oss-cn-hangzhou.aliyuncs.com", "agent.tar.gz", "", "a-header host x-b",
		},
	} {
		t.Run(fmt.Sprint(c.config), func(t *testing.T) {
			s := w.configured(t, nil)
			signed := s.mustSign(agent(c.config))
			r, fault := s.parse(signed.text("url"))
			if fault != nil {
				t.Errorf("%v: %s", c.config, fault.Text)
				return
			}
			var list []tftypes.Value
			if err := r["signed_headers"].As(&list); err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, v := range list {
				names = append(names, result{"": v}.text(""))
			}
			var token bool
			if err := r["security_token_used"].As(&token); err != nil || token {
				t.Errorf("security_token_used: %t, %v", token, err)
			}
			for name, want := range map[string]string{
				"scheme": c.scheme, "host": c.host, "key": c.key, "version": c.vers, "region": "cn-hangzhou",
				"access_key_id": testKey, "signed_at": "2028-02-29T23:59:59Z", "expires_at": "2028-03-01T00:59:59Z",
			} {
				if r.text(name) != want {
					t.Errorf("%v: %s is %q, want %q", c.config, name, r.text(name), want)
				}
			}
			if r["version"].IsNull() != (c.vers == "") || strings.Join(names, " ") != c.headers ||
				r.text("expires_at") != signed.text("expires_at") {
				t.Errorf("%v: version %v, headers %v", c.config, r["version"], names)
			}
		})
	}
}

// Neither signature nor token is in the result, so that nonsensitive() of a field shows no
// credential.
func TestParseFunctionShowsNoSecret(t *testing.T) {
	w := newWorld(t)
	w.lend(2 * time.Hour)
	s := w.configured(t, lent)
	url := s.mustSign(agent(nil)).text("url")
	r, fault := s.parse(url)
	if fault != nil {
		t.Fatal(fault.Text)
	}
	if b, ok := r["security_token_used"], false; b.As(&ok) != nil || !ok {
		t.Error("the token was not seen")
	}
	_, signature, _ := strings.Cut(url, "x-oss-signature=")
	signature = signature[:64]
	for name, value := range r {
		if text := value.String(); strings.Contains(text, signature) || strings.Contains(text, testToken) ||
			strings.Contains(text, "CAIS") {
			t.Errorf("%s holds a secret", name)
		}
	}
	if schemas().Functions["parse_presigned_url"].Return.Type.(tftypes.Object).AttributeTypes["signature"] != nil {
		t.Error("the signature is a field")
	}
}

// An error names what is missing, points to the argument and never repeats the URL.
func TestParseFunctionErrors(t *testing.T) {
	w := newWorld(t)
	s := w.configured(t, nil)
	url := s.mustSign(agent(args{"key": "secret-key", "version": "secret-version"})).text("url")
	without := func(name string) string {
		before, after, _ := strings.Cut(url, name+"=")
		_, rest, found := strings.Cut(after, "&")
		if !found {
			return strings.TrimSuffix(before, "&")
		}
		return before + rest
	}
	replace := func(old, by string) string {
		if !strings.Contains(url, old) {
			t.Fatalf("the URL holds no %q", old)
		}
		return strings.Replace(url, old, by, 1)
	}
	for name, c := range map[string]struct{ url, words string }{
		"nothing":        {"", "url is empty"},
		"no URL":         {"secret", "https://"},
		"no URL at all":  {"https://secret\x7f", "white space or a line break"},
		"another scheme": {replace("https://", "oss://"), "https:// or http://"},
		"a user":         {replace("https://", "https://u:secret@"), "user"},
		"no query": {
			url[:strings.Index(url, "?")],
			"x-oss-signature-version, x-oss-credential, x-oss-date, x-oss-expires, x-oss-signature",
		},
		"no signature":  {without("x-oss-signature"), "has no x-oss-signature"},
		"no date":       {without("x-oss-date"), "has no x-oss-date"},
		"no credential": {without("x-oss-credential"), "has no x-oss-credential"},
		"no expires":    {without("x-oss-expires"), "has no x-oss-expires"},
		"no version":    {without("x-oss-signature-version"), "has no x-oss-signature-version"},
		"V1": {
			"https://secret.oss-cn-hangzhou.aliyuncs.com/secret?OSSAccessKeyId=secret&Expires=1&Signature=secret",
			"It looks like a URL with OSS Signature V1",
		},
		"S3": {
			"https://secret.s3.amazonaws.com/secret?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=secret",
			"It looks like a URL of Amazon S3",
		},
		"cut": {replace("x-oss-signature=", "x-oss-signature=0&x="), "may have been cut"},
		"too long": {
			replace("x-oss-expires=3600", "x-oss-expires=604801"), "1 to 604800 seconds as x-oss-expires, got 604801",
		},
		"another algorithm":       {replace("OSS4-HMAC-SHA256", "OSS4-HMAC-SHA1"), "OSS4-HMAC-SHA256"},
		"HTML escapes":            {strings.ReplaceAll(url, "&", "&amp;"), `Replace "&amp;" with "&"`},
		"a parameter twice":       {url + "&x-oss-date=secret", "twice"},
		"a bad escape":            {url + "&x=%zz", "percent-encoded"},
		"another day":             {replace("%2F20260301%2F", "%2F20260302%2F"), "the same day"},
		"no key":                  {replace("/secret-key?", "/?"), "no object"},
		"a space before the URL":  {" " + url, "chomp or trimspace"},
		"a line break at the end": {url + "\n", "chomp or trimspace"},
	} {
		t.Run(name, func(t *testing.T) {
			r, fault := s.parse(c.url)
			if fault == nil {
				t.Errorf("%s: %v", name, r["key"])
				return
			}
			if fault.FunctionArgument == nil || *fault.FunctionArgument != 0 {
				t.Errorf("%s: the error points to no argument", name)
			}
			if strings.HasSuffix(fault.Text, ".") || strings.HasSuffix(fault.Text, "?") {
				t.Errorf("%s: the CLI adds a full stop to %q", name, fault.Text)
			}
			if !strings.Contains(fault.Text, c.words) {
				t.Errorf("%s lacks %q: %s", name, c.words, fault.Text)
			}
			for _, secret := range []string{"secret", testKey, "aliyuncs", "20260301"} {
				if strings.Contains(fault.Text, secret) {
					t.Errorf("%s shows %q: %s", name, secret, fault.Text)
				}
			}
		})
	}
}
