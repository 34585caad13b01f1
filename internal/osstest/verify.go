package osstest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"
)

// grant is a request with a valid signature, and its operation.
type grant struct {
	address    address
	bucket     bucket // a copy of the settings that shares objects with the store
	params     params
	credential Credential
	claim      claim
	canonical  string
	toSign     string
}

// Verified is the content of an accepted URL, decoded.
type Verified struct {
	Bucket           string
	Key              string
	AccessKeyID      string
	Query            map[string]string // all parameters
	CanonicalRequest string
	StringToSign     string
}

// Verify judges a URL as the server would judge a request for it with these headers, without a
// network: host, form, time, scope, key, token, signature and the permissions of key and bucket. It
// checks neither the object nor parameters that belong to the operation, such as versionId. A
// "Host" in header replaces the URL's. The error is an *Error, and never contains the URL, a
// signature or a token in its text.
func (s *Server) Verify(method, rawURL string, header http.Header) (Verified, error) {
	m, err := readURL(method, rawURL, header)
	if err != nil {
		return Verified{}, err
	}
	g, err := s.judge(m, s.now())
	if err != nil {
		return Verified{}, err
	}
	v := Verified{
		Bucket: g.address.bucket, Key: g.address.key, AccessKeyID: g.claim.accessKeyID,
		Query:            make(map[string]string, len(g.params)),
		CanonicalRequest: g.canonical, StringToSign: g.toSign,
	}
	for _, p := range g.params {
		v.Query[p.name] = p.value
	}
	return v, nil
}

// judge checks whether a request may be carried out at this instant. On an error the grant contains
// what was known until then.
func (s *Server) judge(m wire, now time.Time) (grant, *Error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var g grant
	var err *Error
	if g.address, err = s.route(m); err != nil {
		return g, err
	}
	g.bucket = *s.buckets[g.address.bucket]
	if g.params, err = parseQuery(m.query); err != nil {
		return g, err
	}
	if err = checkPlace(m, g.params); err != nil {
		return g, err
	}
	if g.claim, err = readClaim(m, g.params); err != nil {
		return g, err
	}
	if err = g.claim.checkTime(now); err != nil {
		return g, err
	}
	if err = g.claim.checkScope(g.address, g.bucket.Region); err != nil {
		return g, err
	}
	if g.credential, err = s.checkCredential(g.claim, g.params, now); err != nil {
		return g, err
	}
	if err = g.checkSignature(m); err != nil {
		return g, err
	}
	return g, g.checkPermission(m.method)
}

// checkPlace sees to it that the request is signed by a V4 signature in the query, and there only.
func checkPlace(m wire, ps params) *Error {
	inQuery := false
	for _, p := range ps {
		switch p.name {
		case paramVersion, paramCredential, paramDate, paramExpires, paramAdditional, paramSignature:
			inQuery = true
		case "OSSAccessKeyId", "Signature", "x-oss-access-key-id":
			return notImplemented("V1 and V2 signatures")
		}
	}
	_, inHeader := m.headers["authorization"]
	switch {
	case inQuery && inHeader:
		return invalidArgument("0002-00000039",
			"The header and the URL request parameter cannot include a signature at the same time.")
	case inHeader:
		return notImplemented("signatures in the Authorization header")
	case !inQuery:
		return anonymousDenied()
	}
	return nil
}

// checkCredential looks the access key up and compares the token. The caller has locked s.mu.
func (s *Server) checkCredential(c claim, ps params, now time.Time) (Credential, *Error) {
	k, ok := s.credentials[c.accessKeyID]
	token, hasToken := ps.get(paramToken)
	switch {
	case !ok:
		return k, invalidAccessKeyID(c.accessKeyID, "The OSS Access Key Id you provided does not exist in our records.")
	case k.Disabled:
		return k, invalidAccessKeyID(c.accessKeyID, "The OSS Access Key Id you provided is disabled.") // [?] message and EC
	case k.SecurityToken == "" && hasToken:
		// [?] code
		return k, forbidden("InvalidAccessKeyId", "0002-00000002", "The access key of the STS request does not exist.")
	case k.SecurityToken == "":
		return k, nil
	case !hasToken:
		return k, invalidAccessKeyID(c.accessKeyID, "The OSS Access Key Id you provided does not exist in our records.")
	case token != k.SecurityToken:
		for _, other := range s.credentials {
			if token != "" && other.SecurityToken == token {
				return k, forbidden("AccessKeyIdAndSecurityTokenNotMatch", "0002-00000004",
					"The security token is not of this access key.")
			}
		}
		return k, forbidden("InvalidSecurityToken", "0002-00000006", "The security token you provided is invalid.")
	case !k.Expiration.IsZero() && !now.Before(k.Expiration):
		return k, forbidden("SecurityTokenExpired", "0002-00000007", "The security token you provided has expired.")
	}
	return k, nil
}

// checkSignature computes the signature from the request and compares.
func (g *grant) checkSignature(m wire) *Error {
	g.canonical = canonicalRequest(m, g.address, g.params, g.claim.additional)
	sum := sha256.Sum256([]byte(g.canonical))
	g.toSign = algorithm + "\n" + g.claim.date.Format(dateFormat) + "\n" + g.claim.scope() + "\n" +
		hex.EncodeToString(sum[:])
	key := []byte("aliyun_v4" + g.credential.AccessKeySecret)
	for _, step := range []string{g.claim.day, g.claim.region, g.claim.product, terminator} {
		key = hmacSHA256(key, step)
	}
	want := hex.EncodeToString(hmacSHA256(key, g.toSign))
	if !hmac.Equal([]byte(want), []byte(g.claim.signature)) {
		return signatureDoesNotMatch(g)
	}
	return nil
}

// canonicalRequest is the text whose hash is signed. The path was decoded by route, so "/" and
// "%2F" in it come to the same.
func canonicalRequest(m wire, a address, ps params, additional []string) string {
	names := slices.Clone(additional)
	for name := range m.headers {
		if signedByDefault(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var headers strings.Builder
	for _, name := range names {
		value := headerValue(m.headers[name])
		if name == "host" {
			value = m.host
		}
		headers.WriteString(name + ":" + value + "\n")
	}
	return strings.Join([]string{
		m.method,
		encode("/"+a.bucket+"/"+a.key, true),
		canonicalQuery(ps),
		headers.String(),
		strings.Join(additional, ";"),
		unsigned,
	}, "\n")
}

// signedByDefault reports whether a header is signed wherever it occurs. name is lower-case.
func signedByDefault(name string) bool {
	return name == "content-type" || name == "content-md5" || strings.HasPrefix(name, "x-oss-")
}

func hmacSHA256(key []byte, message string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(message))
	return h.Sum(nil)
}

// Actions returns the RAM actions that a Credential can be denied.
func Actions() []string {
	return []string{
		"oss:GetObject", "oss:GetObjectVersion", "oss:PutObject", "oss:DeleteObject", "oss:DeleteObjectVersion",
		"oss:ListObjects",
	}
}

// action is the RAM action that a request needs. One that names a version needs an action of its
// own, whatever the version.
func (g *grant) action(method string) string {
	if g.address.key == "" {
		return "oss:ListObjects"
	}
	suffix := ""
	if _, given := g.params.get("versionId"); given {
		suffix = "Version"
	}
	switch method {
	case http.MethodPut:
		return "oss:PutObject"
	case http.MethodDelete:
		return "oss:DeleteObject" + suffix
	}
	return "oss:GetObject" + suffix
}

// checkPermission applies what key and bucket forbid whatever the object. The object's own refusal
// comes later, with the object.
func (g *grant) checkPermission(method string) *Error {
	if g.credential.Denied || slices.Contains(g.credential.DeniedActions, g.action(method)) {
		return deniedByRAM(g.claim.accessKeyID)
	}
	if err := g.bucket.Refusal.err(); err != nil {
		return err
	}
	if g.bucket.PublicEndpointForbidden && g.address.kind.isDefaultPublic() {
		return newError(http.StatusBadRequest, "PublicEndpointForbidden", "0048-00000401",
			"Not allowed using the OSS public endpoint, please use CNAME instead.")
	}
	if payer, _ := g.params.get("x-oss-request-payer"); g.bucket.RequesterPays && payer != "requester" {
		return accessDenied("", "Access denied for requester pay bucket.") // [?] message and EC
	}
	return nil
}
