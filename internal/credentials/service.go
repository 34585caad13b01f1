package credentials

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/transport"
)

const (
	// Those of transport.Limits.
	maxTries   = 3
	firstPause = 200 * time.Millisecond
	// serviceLimit is how long one source waits for all requests, tries and pauses together.
	serviceLimit = 10 * time.Second
	// metadataTimeout is that of one request to the metadata service, metadataLimit that of all: a
	// machine outside Alibaba Cloud does not wait longer.
	metadataTimeout = 1500 * time.Millisecond
	metadataLimit   = 4500 * time.Millisecond

	jsonType = "application/json"
)

// request is a request to a service for keys.
type request struct {
	service string // its name in errors, as in "STS at sts.aliyuncs.com"
	action  string // that of STS, empty for other services
	method  string
	address func() string // the URL of one try, so that a nonce or a time stamp is never sent twice
	header  map[string]string
	body    string
	within  string // the field of the answer with the keys. If it is missing, they are at the top
	// secrets are those in the request. Without any, errors show only the status of a refusal.
	secrets []string
}

// issue returns the keys of a service's answer, as credentials from source.
func (f finder) issue(ctx context.Context, r request, source string) (Credentials, error) {
	a, err := f.exchange(ctx, r)
	if err != nil {
		return Credentials{}, err
	}
	return r.read(a, source)
}

// exchange sends a request until it is answered, within what is left of the source's time. No error
// shows the address. A failed connection to the metadata service is final: outside Alibaba Cloud
// there is none.
func (f finder) exchange(ctx context.Context, r request) (*transport.Answer, error) {
	isMetadata := r.service == metadataService
	carrier, try, limit := f.environment.Transport, serviceLimit, serviceLimit
	if isMetadata {
		carrier, try, limit = f.environment.MetadataTransport, metadataTimeout, metadataLimit
	}
	left := limit - *f.waited
	client := transport.Client{
		Transport: carrier, Sleep: f.environment.Sleep,
		Limits: transport.Limits{Tries: maxTries, Pause: firstPause, Try: try, All: left},
	}
	begin := f.environment.Now()
	a, err := client.Do(ctx, transport.Exchange{New: r.build, Again: isThrottled, Once: isMetadata})
	*f.waited += f.environment.Now().Sub(begin)
	fault, ok := errors.AsType[*transport.Error](err)
	switch {
	case err == nil && a.Truncated:
		err = fmt.Errorf("the answer is larger than %d MiB", transport.MaxBody>>20)
	case left <= 0, ok && fault.Kind == transport.NoAnswer && *f.waited >= limit:
		err = &transport.Error{Kind: transport.NoAnswer, After: limit}
	}
	if err != nil {
		return nil, fmt.Errorf("the request to %s failed, because %w", r.service, err)
	}
	return a, nil
}

func (r request) build(ctx context.Context) (*http.Request, error) {
	made, err := http.NewRequestWithContext(ctx, r.method, r.address(), strings.NewReader(r.body))
	if err != nil {
		return nil, errors.New("its address is not a URL") // the error of net/http shows the address
	}
	for name, value := range r.header {
		made.Header.Set(name, value)
	}
	if password, ok := made.URL.User.Password(); ok || made.URL.User.Username() != "" {
		made.SetBasicAuth(made.URL.User.Username(), password)
	}
	return made, nil
}

func isUnreachable(err error) bool {
	fault, ok := errors.AsType[*transport.Error](err)
	return ok && !fault.Connected()
}

func (r request) read(a *transport.Answer, source string) (found Credentials, err error) {
	if a.Status != http.StatusOK {
		return Credentials{}, r.refused(a)
	}
	var keys struct {
		Code            string
		AccessKeyID     string `json:"AccessKeyId"`
		AccessKeySecret string
		SecurityToken   string
		Expiration      json.RawMessage
	}
	var fields map[string]json.RawMessage
	body := []byte(a.Body())
	if err = json.Unmarshal(body, &fields); err == nil {
		if inner, ok := fields[r.within]; ok {
			body = inner
		}
		err = json.Unmarshal(body, &keys)
	}
	switch {
	case err != nil:
		return Credentials{}, fmt.Errorf("%s answered something other than credentials in JSON", r.service)
	case keys.Code != "" && keys.Code != "Success" && codePattern.MatchString(keys.Code):
		return Credentials{}, fmt.Errorf("%s answered with the code %s", r.service, keys.Code)
	case keys.Code != "" && keys.Code != "Success":
		return Credentials{}, fmt.Errorf("%s answered with a code other than Success", r.service)
	case keys.AccessKeyID == "" || keys.AccessKeySecret == "" || keys.SecurityToken == "":
		return Credentials{}, fmt.Errorf("%s answered, but the answer lacks AccessKeyId, AccessKeySecret or SecurityToken",
			r.service)
	}
	end, err := parseEnd(keys.Expiration)
	if err == nil {
		found, err = static(source, partNames, [3]string{keys.AccessKeyID, keys.AccessKeySecret, keys.SecurityToken})
	}
	if err != nil {
		return Credentials{}, fmt.Errorf("%s answered, but %w", r.service, err)
	}
	found.Expires = end
	return found, nil
}
