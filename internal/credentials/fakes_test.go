package credentials

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// caller is a key pair that the fake STS accepts.
type caller struct{ secret, token string }

// fakeSTS answers AssumeRole and AssumeRoleWithOIDC as the domain specification (§1c) has them. It
// verifies the signature from what arrived, by code of its own.
type fakeSTS struct {
	server
	callers map[string]caller
	// oidc are the tokens that it takes.
	oidc map[string]bool
	// denied are roles that nobody may assume.
	denied map[string]bool
	// end is the Expiration of sessions, nil for the time of the request plus the duration.
	end func(stamp time.Time, d time.Duration) string
	// names are the IDs of the keys that an action answers with. Others are numbered.
	names map[string]string
	// asked are the parameters of the requests.
	requests []url.Values
	hosts    []string
	nonces   map[string]bool
}

// newFakeSTS starts one at an address, or at any of loopback if that is empty.
func newFakeSTS(t testing.TB, address string) *fakeSTS {
	s := &fakeSTS{
		nonces: map[string]bool{}, denied: map[string]bool{}, oidc: map[string]bool{},
		callers: map[string]caller{"AKID": {secret: "hush"}, "STS.AKID": {secret: "hush", token: "hush-token"}},
	}
	s.listen(t, address, func(w http.ResponseWriter, r *http.Request) { s.handle(w, r, r.Method+" "+r.Host, s.answer) })
	s.startTLS(t)
	return s
}

// asked compares parameters of the first request.
func (s *fakeSTS) asked(t *testing.T, want map[string]string) {
	t.Helper()
	for parameter, value := range want {
		if got := s.requests[0].Get(parameter); got != value {
			t.Errorf("%s is %q, want %q", parameter, got, value)
		}
	}
}

func (s *fakeSTS) refuse(w http.ResponseWriter, status int, code, message string) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{
		"Code": code, "Message": message, "RequestId": "0B7E1D0C-1111-2222-3333-444455556666", "HostId": "sts.aliyuncs.com",
	})
}

func (s *fakeSTS) answer(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := r.ParseForm(); err != nil || r.Method != http.MethodPost || r.URL.Path != "/" {
		s.refuse(w, 400, "InvalidRequest", "not a POST of a form to /")
		return
	}
	s.requests = append(s.requests, r.Form)
	s.hosts = append(s.hosts, r.Host)
	query, form := r.URL.Query(), r.PostForm
	if query.Get("Version") != "2015-04-01" || query.Get("Format") != "JSON" {
		s.refuse(w, 400, "InvalidVersion", "Specified parameter Version is not valid.")
		return
	}
	stamp, err := time.Parse("2006-01-02T15:04:05Z", query.Get("Timestamp"))
	if err != nil {
		s.refuse(w, 400, "InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted.")
		return
	}
	seconds, err := strconv.Atoi(form.Get("DurationSeconds"))
	if err != nil || seconds < 900 || seconds > 43200 {
		s.refuse(w, 400, "InvalidParameter.DurationSeconds", "The Min/Max value of DurationSeconds is 15min/12hr.")
		return
	}
	switch query.Get("Action") {
	case "AssumeRole":
		if !s.mayAssume(w, r, query, form) {
			return
		}
	case "AssumeRoleWithOIDC":
		if query.Has("AccessKeyId") || query.Has("Signature") ||
			!strings.Contains(form.Get("OIDCProviderArn"), ":oidc-provider/") {
			s.refuse(w, 400, "InvalidParameter", "signed, or without provider")
			return
		}
		if !s.oidc[form.Get("OIDCToken")] {
			s.refuse(w, 400, "AuthenticationFail.OIDCToken.Expired", "This JSON Web Token "+form.Get("OIDCToken")+
				" has expired.")
			return
		}
	default:
		s.refuse(w, 404, "InvalidAction.NotFound", "Specified api is not found.")
		return
	}
	n := len(s.callers)
	id := fmt.Sprintf("STS.AKID-%d", n)
	if name, ok := s.names[query.Get("Action")]; ok {
		id = name
	}
	issued := caller{fmt.Sprintf("hush-%d", n), fmt.Sprintf("hush-token-%d", n)}
	s.callers[id] = issued
	end := stamp.Add(time.Duration(seconds) * time.Second).Format(time.RFC3339)
	if s.end != nil {
		end = s.end(stamp, time.Duration(seconds)*time.Second)
	}
	session := map[string]string{
		"AccessKeyId": id, "AccessKeySecret": issued.secret, "SecurityToken": issued.token, "Expiration": end,
	}
	if end == "" {
		delete(session, "Expiration")
	}
	_ = json.NewEncoder(w).Encode(map[string]any{
		"RequestId": "R", "AssumedRoleUser": map[string]string{"Arn": form.Get("RoleArn") + "/" +
			form.Get("RoleSessionName")}, "Credentials": session,
	})
}

func (s *fakeSTS) mayAssume(w http.ResponseWriter, r *http.Request, query, form url.Values) bool {
	c, known := s.callers[query.Get("AccessKeyId")]
	switch {
	case !known:
		s.refuse(w, 404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
	case c.token == "" && query.Has("SecurityToken"), c.token != query.Get("SecurityToken"):
		s.refuse(w, 400, "InvalidSecurityToken.MismatchWithAccessKey", "Specified SecurityToken is mismatch with AccessKey.")
	case query.Get("SignatureMethod") != "HMAC-SHA1" || query.Get("SignatureVersion") != "1.0":
		s.refuse(w, 400, "InvalidParameter", "unknown signature method")
	case query.Get("SignatureNonce") == "" || s.nonces[query.Get("SignatureNonce")]:
		s.refuse(w, 400, "SignatureNonceUsed", "Specified signature nonce was used already.")
	case query.Get("Signature") != rpcSignature(r.Method, c.secret, query, form):
		s.refuse(w, 400, "SignatureDoesNotMatch",
			"Specified signature is not matched with our calculation. server string to sign is:POST&%2F&"+c.secret)
	case strings.HasPrefix(query.Get("AccessKeyId"), "AKID-root"):
		s.refuse(w, 403, "NoPermission", "Roles may not be assumed by root accounts.")
	case s.denied[form.Get("RoleArn")], strings.HasSuffix(form.Get("RoleArn"), ":role/forbidden"):
		s.refuse(w, 403, "NoPermission", "You are not authorized to do this action. You should be authorized by RAM.")
	default:
		s.nonces[query.Get("SignatureNonce")] = true
		return true
	}
	return false
}

// rpcSignature is the signature of a request that arrived: all parameters but Signature, sorted,
// percent-encoded, and the whole percent-encoded again.
func rpcSignature(method, secret string, parts ...url.Values) string {
	encode := strings.NewReplacer("+", "%20", "*", "%2A", "%7E", "~")
	var pairs []string
	for _, values := range parts {
		for name := range values {
			if name != "Signature" {
				pairs = append(pairs, encode.Replace(url.QueryEscape(name))+"="+encode.Replace(url.QueryEscape(values.Get(name))))
			}
		}
	}
	slices.Sort(pairs)
	mac := hmac.New(sha1.New, []byte(secret+"&"))
	fmt.Fprintf(mac, "%s&%%2F&%s", method, encode.Replace(url.QueryEscape(strings.Join(pairs, "&"))))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// fakeIMDS is a metadata service.
type fakeIMDS struct {
	server
	down bool // nobody there
	// noToken is a service of version 1 only, onlyToken one of version 2 only.
	noToken, onlyToken bool
	role               string
	// session is the answer for the role, empty for one that is valid for six hours.
	session string
}

func newFakeIMDS(t testing.TB, address string) *fakeIMDS {
	s := &fakeIMDS{role: "agent"}
	s.listen(t, address, func(w http.ResponseWriter, r *http.Request) {
		s.handle(w, r, r.Method+" "+r.Host+r.URL.Path, s.answer)
	})
	s.Start()
	return s
}

func (s *fakeIMDS) address() string {
	if s.down {
		return ""
	}
	return s.server.address()
}

func (s *fakeIMDS) answer(w http.ResponseWriter, r *http.Request) {
	const token = "hush-metadata-token"
	switch {
	case r.URL.Path == "/latest/api/token":
		seconds, err := strconv.Atoi(r.Header.Get("X-Aliyun-Ecs-Metadata-Token-Ttl-Seconds"))
		if s.noToken || r.Method != http.MethodPut || err != nil || seconds < 1 || seconds > 21600 {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(token))
	case s.onlyToken && r.Header.Get("X-Aliyun-Ecs-Metadata-Token") != token:
		w.WriteHeader(http.StatusForbidden)
	case s.role == "":
		http.NotFound(w, r)
	case r.URL.Path == "/latest/meta-data/ram/security-credentials/":
		_, _ = w.Write([]byte(s.role + "\n"))
	case r.URL.Path == "/latest/meta-data/ram/security-credentials/"+s.role:
		session := s.session
		if session == "" {
			session = sessionJSON("Success", start.Add(6*time.Hour).Format(time.RFC3339))
		}
		_, _ = w.Write([]byte(session))
	default:
		http.NotFound(w, r)
	}
}

// sessionJSON is the answer of a metadata service or credentials URI.
func sessionJSON(code, end string) string {
	fields := map[string]string{
		"AccessKeyId": "STS.AKID", "AccessKeySecret": "hush", "SecurityToken": "hush-token",
		"LastUpdated": "2026-05-04T00:00:00Z",
	}
	if code != "" {
		fields["Code"] = code
	}
	if end != "" {
		fields["Expiration"] = end
	}
	text, _ := json.Marshal(fields)
	return string(text)
}

// fakeURI is a credentials URI.
type fakeURI struct {
	server
	body string
}

// newFakeURI starts one at an address, or at any of loopback if that is empty.
func newFakeURI(t testing.TB, address string) *fakeURI {
	s := &fakeURI{body: sessionJSON("Success", start.Add(30*time.Minute).Format(time.RFC3339))}
	s.listen(t, address, func(w http.ResponseWriter, r *http.Request) {
		s.handle(w, r, r.Method+" "+r.URL.Path, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(s.body))
		})
	})
	s.Start()
	return s
}
