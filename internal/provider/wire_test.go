package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
	"github.com/alioss/terraform-provider-alioss/internal/testworld"
)

// private is the provider block of a private deployment.
var private = args{"endpoint": "https://localhost:8443", "path_style": true}

// recipient serves the stand-in on loopback and returns a client for which every host is the
// stand-in.
func (w *world) recipient(t testing.TB) *http.Client {
	t.Helper()
	return testworld.Serve(t, w.oss)
}

// texts returns a map of strings, nil if it is null.
func (r result) texts(name string) map[string]string {
	var values map[string]tftypes.Value
	if err := r[name].As(&values); err != nil {
		return nil
	}
	m := make(map[string]string, len(values))
	for n, v := range values {
		var s string
		_ = v.As(&s)
		m[n] = s
	}
	return m
}

func TestDeliveries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	client := w.recipient(t)
	all := deliveries(t, w)
	sessions := map[string]*session{"": w.configured(t, nil), "private": w.configured(t, private)}
	for _, d := range all {
		t.Run(d.name, func(t *testing.T) {
			r := sessions[d.provider].mustSign(anObject(d.config))
			if err := d.hand(w, client, r.text("url"), r.texts("signed_headers")); err != nil {
				t.Errorf("%s: %v", d.name, err)
			}
		})
	}
	if len(all) < 40 {
		t.Errorf("%d links, want at least 40", len(all))
	}
	t.Logf("%d links used over HTTP", len(all))
}

func TestDeliveriesByApply(t *testing.T) {
	w := newWorld(t)
	client := w.recipient(t)
	all := deliveries(t, w)
	// One step for each provider block: under the test framework all of them are one server, with the
	// configuration of the last.
	var steps []resource.TestStep
	for _, provider := range []string{"", "private"} {
		of := slices.DeleteFunc(slices.Clone(all), func(d delivery) bool { return d.provider != provider })
		steps = append(steps, resource.TestStep{
			Config: deliveryConfig(t, provider, of), ConfigStateChecks: []statecheck.StateCheck{handOut{of, w, client}},
		})
	}
	last := &steps[len(steps)-1]
	last.ConfigStateChecks = append(last.ConfigStateChecks, refusedLater{w, client})
	w.test(t, steps...)
}

// refusedLater is a state check that changes the first plain link, and that uses it when it has
// ended.
type refusedLater struct {
	world  *world
	client *http.Client
}

func (r refusedLater) CheckState(
	_ context.Context, req statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse,
) {
	link, _ := req.State.Values.RootModule.Resources[0].AttributeValues["url"].(string)
	const lifetime = "x-oss-expires=3600"
	if strings.Count(link, lifetime) != 1 {
		resp.Error = errors.New("the link does not hold an hour")
		return
	}
	defer r.world.clock.Set(r.world.clock.Now())
	var faults []error
	for _, row := range []struct {
		after      time.Duration
		link, want string
	}{
		{0, link, "200  "},
		{0, strings.Replace(link, lifetime, "x-oss-expires=7200", 1), mismatch},
		{time.Hour, link, "200  "},
		{time.Hour + time.Second, link, expired},
	} {
		r.world.clock.Set(start.Add(row.after))
		got, err := answerTo(r.client, http.MethodGet, row.link, nil)
		if err != nil || got != row.want {
			faults = append(faults, fmt.Errorf("after %v: %s, want %s", row.after, got, row.want), err)
		}
	}
	resp.Error = errors.Join(faults...)
}

// deliveryConfig is a configuration with one instance of the data source for each link.
func deliveryConfig(t testing.TB, provider string, all []delivery) string {
	t.Helper()
	cases := make([]args, len(all))
	arguments := map[string]bool{}
	for i, d := range all {
		cases[i] = anObject(d.config)
		for name := range cases[i] {
			arguments[name] = true
		}
	}
	text, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if provider == "private" {
		fmt.Fprintf(&b, "provider \"alioss\" {\n  endpoint   = %q\n  path_style = true\n}\n", private["endpoint"])
	}
	fmt.Fprintf(&b, "locals {\n  links = jsondecode(%s)\n}\n", quoteHCL(string(text)))
	b.WriteString("data \"alioss_presigned_url\" \"test\" {\n  count = length(local.links)\n")
	for _, a := range slices.Sorted(maps.Keys(arguments)) {
		fmt.Fprintf(&b, "  %s = try(local.links[count.index].%s, null)\n", a, a)
	}
	b.WriteString("}\n")
	return b.String()
}

// quoteHCL returns a string as a literal of a configuration.
func quoteHCL(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "${", "$${", "%{", "%%{").Replace(s) + `"`
}

// handOut is a state check that uses every link as its holder would.
type handOut struct {
	all    []delivery
	world  *world
	client *http.Client
}

func (h handOut) CheckState(_ context.Context, req statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	links := map[string]map[string]any{}
	for _, r := range req.State.Values.RootModule.Resources {
		links[fmt.Sprint(r.Index)] = r.AttributeValues
	}
	var faults []error
	for i, d := range h.all {
		values := links[fmt.Sprint(i)]
		link, _ := values["url"].(string)
		headers := map[string]string{}
		signedHeaders, _ := values["signed_headers"].(map[string]any)
		for name, value := range signedHeaders {
			headers[name], _ = value.(string)
		}
		if err := d.hand(h.world, h.client, link, headers); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", d.name, err))
		}
	}
	resp.Error = errors.Join(faults...)
}

// refusalOf returns the code of an answer and its EC.
func refusalOf(t testing.TB, client *http.Client, method, link string, headers http.Header) string {
	t.Helper()
	answer, err := answerTo(client, method, link, headers)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// answerTo returns status, code and EC of an answer.
func answerTo(client *http.Client, method, link string, headers http.Header) (string, error) {
	resp, body, err := send(client, method, link, headers, "")
	if err != nil {
		return "", err
	}
	element := func(name string) string {
		_, rest, _ := strings.Cut(body, "<"+name+">")
		text, _, _ := strings.Cut(rest, "</"+name+">")
		return text
	}
	return fmt.Sprint(resp.StatusCode, " ", element("Code"), " ", element("EC")), nil
}

const (
	mismatch = "403 SignatureDoesNotMatch 0002-00000201"
	expired  = "403 AccessDenied 0002-00000236"
	tooEarly = "403 AccessDenied 0002-00000235"
)

func TestChangedLink(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	client := w.recipient(t)
	version := w.put(t, osstest.Object{Key: "a b", Body: []byte("1")})
	w.put(t, osstest.Object{Key: "a b", Body: []byte("2")})
	w.put(t, osstest.Object{Key: "other", Body: []byte("3")})
	s := w.configured(t, nil)
	config := args{
		"bucket": "examplebucket", "key": "a b", "version": version, "filename": "a.txt", "traffic_limit": 819_200,
		"headers": map[string]string{"x-custom": "1"},
	}
	r := s.mustSign(config)
	link, headers := r.text("url"), http.Header{"X-Custom": {"1"}}
	if got := refusalOf(t, client, http.MethodGet, link, headers); got != "200  " {
		t.Fatal(got)
	}
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	changed := func(change func(q url.Values)) string {
		q := u.Query()
		change(q)
		return u.Scheme + "://" + u.Host + u.EscapedPath() + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")
	}
	if changed(func(url.Values) {}) != link {
		t.Fatal("a link that is put together again is another")
	}
	for name, wrong := range map[string]string{
		"another object":  strings.Replace(link, "/a%20b?", "/other?", 1),
		"another version": changed(func(q url.Values) { q.Del("versionId") }),
		"longer":          changed(func(q url.Values) { q.Set("x-oss-expires", "604800") }),
		"later":           changed(func(q url.Values) { q.Set("x-oss-date", "20260301T120001Z") }),
		"faster":          changed(func(q url.Values) { q.Set("x-oss-traffic-limit", "838860800") }),
		"no limit":        changed(func(q url.Values) { q.Del("x-oss-traffic-limit") }),
		"another filename": changed(func(q url.Values) {
			q.Set("response-content-disposition", "attachment; filename=b.exe")
		}),
		"more":      changed(func(q url.Values) { q.Set("x-oss-process", "image/info") }),
		"signature": changed(func(q url.Values) { q.Set("x-oss-signature", strings.Repeat("0", 64)) }),
	} {
		t.Run(name, func(t *testing.T) {
			if got := refusalOf(t, client, http.MethodGet, wrong, headers); got != mismatch {
				t.Errorf("%s: %s", name, got)
			}
		})
	}
	if got := refusalOf(t, client, http.MethodDelete, link, headers); got != mismatch {
		t.Errorf("another method: %s", got)
	}
	if got := refusalOf(t, client, http.MethodHead, link, headers); !strings.HasPrefix(got, "403") {
		t.Errorf("HEAD: %s", got)
	}
	if got := refusalOf(t, client, http.MethodGet, link, http.Header{"X-Custom": {"2"}}); got != mismatch {
		t.Errorf("another header's value: %s", got)
	}
	if got := refusalOf(t, client, http.MethodGet, link,
		http.Header{"X-Custom": {"1"}, "X-Oss-More": {"1"}}); got != mismatch {
		t.Errorf("one more header: %s", got)
	}
	moved := strings.Replace(link, "oss-cn-hangzhou.", "oss-cn-hangzhou-internal.", 1)
	if got := refusalOf(t, client, http.MethodGet, moved, headers); got != "200  " {
		t.Errorf("another host of the bucket: %s", got)
	}
	config["bind_host"] = true
	moved = strings.Replace(s.mustSign(config).text("url"), "oss-cn-hangzhou.", "oss-cn-hangzhou-internal.", 1)
	if got := refusalOf(t, client, http.MethodGet, moved, headers); got != mismatch {
		t.Errorf("another host, although bound: %s", got)
	}
}

func TestLinkExpires(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	client := w.recipient(t)
	w.put(t, osstest.Object{Key: "a", Body: []byte("1")})
	link := w.configured(t, nil).mustSign(args{"bucket": "examplebucket", "key": "a", "expiry": "2h"}).text("url")
	for _, row := range []struct {
		after time.Duration
		want  string
	}{
		{-15*time.Minute - time.Second, tooEarly},
		{-15 * time.Minute, "200  "},
		{0, "200  "},
		{2 * time.Hour, "200  "},
		{2*time.Hour + time.Second, expired},
		{7 * 24 * time.Hour, expired},
	} {
		t.Run(row.after.String(), func(t *testing.T) {
			w.clock.Set(start.Add(row.after))
			if got := refusalOf(t, client, http.MethodGet, link, nil); got != row.want {
				t.Errorf("%v: %s, want %s", row.after, got, row.want)
			}
		})
	}
}

func TestTemporaryCredentialsSign(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(t, osstest.Object{Key: "a", Body: []byte(bodyOf("a"))})
	w.oss.SetCredential(osstest.Credential{
		AccessKeyID: "STS.example", AccessKeySecret: testSecret, SecurityToken: testToken,
	})
	client := w.recipient(t)
	s := w.configured(t, args{"access_key": "STS.example", "secret_key": testSecret, "security_token": testToken})
	link := s.mustSign(args{"bucket": "examplebucket", "key": "a"}).text("url")
	if err := (delivery{
		config: args{"key": "a"}, query: map[string]string{"x-oss-security-token": testToken},
	}).hand(w, client, link, nil); err != nil {
		t.Error(err)
	}
}
