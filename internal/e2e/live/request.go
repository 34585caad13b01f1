package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"

	"github.com/alioss/terraform-provider-alioss/internal/transport"
)

// request is what a recipient sends.
type request struct {
	method, url string
	header      http.Header
	body        string
}

// cut removes a parameter from the query, wherever it is.
func (r *request) cut(name string) { r.replace(name, nil) }

// set changes the raw value of a parameter.
func (r *request) set(name, value string) { r.replace(name, &value) }

func (r *request) replace(name string, value *string) {
	base, query, _ := strings.Cut(r.url, "?")
	var kept []string
	for pair := range strings.SplitSeq(query, "&") {
		if n, _, _ := strings.Cut(pair, "="); n != name {
			kept = append(kept, pair)
		} else if value != nil {
			kept = append(kept, name+"="+*value)
		}
	}
	r.url = base + "?" + strings.Join(kept, "&")
}

// moveTo sends the same path and query to another host.
func (r *request) moveTo(host string) {
	scheme, rest, _ := strings.Cut(r.url, "://")
	_, path, _ := strings.Cut(rest, "/")
	r.url = scheme + "://" + host + "/" + path
}

// parameter returns the raw value of a parameter of a URL, or "" if it has none.
func parameter(url, name string) string {
	_, query, _ := strings.Cut(url, "?")
	for pair := range strings.SplitSeq(query, "&") {
		if n, value, _ := strings.Cut(pair, "="); n == name {
			return value
		}
	}
	return ""
}

// answer is what came back. Only what has the form of a code is kept of a refusal, so that a report
// can show it.
type answer struct {
	status              int
	code, ec, requestID string
	header              http.Header
	body                string
	// silence is the reason why no answer came, or "" if one did.
	silence string
	// title is the summary of the provider's diagnostic, for requests of the provider itself.
	title string
}

// String returns status, Code and EC as statement.String does, or the reason why there is none.
func (a answer) String() string {
	if a.silence != "" {
		return "no answer: " + a.silence
	}
	text := fmt.Sprint(a.status)
	if a.status == 0 {
		text = "no status"
	}
	if a.code != "" {
		text += " " + a.code
	}
	if a.ec != "" {
		text += ", EC " + a.ec
	}
	if a.title != "" {
		text = fmt.Sprintf("%q, %s", a.title, text)
	}
	return text
}

// maxBody is how much is read of an answer. Objects of the check are smaller.
const maxBody = 1 << 20

// tries is how often a request is sent until the service answers it.
const tries = 3

// send sends a request, and repeats one that changes nothing after 5xx and broken connections. An
// error of the network is an answer, too.
func send(ctx context.Context, client *http.Client, r request) answer {
	if r.method == http.MethodPut || r.method == http.MethodDelete {
		// An interrupt waits for the answer, which shows what is stored.
		return sendOnce(context.WithoutCancel(ctx), client, r)
	}
	a := sendOnce(ctx, client, r)
	for i := 1; i < tries && ctx.Err() == nil && (a.status >= 500 || a.silence == string(transport.Broken)); i++ {
		a = sendOnce(ctx, client, r)
	}
	return a
}

func sendOnce(ctx context.Context, client *http.Client, r request) answer {
	h, err := http.NewRequestWithContext(ctx, r.method, r.url, strings.NewReader(r.body))
	if err != nil {
		return answer{silence: "the URL cannot be requested"} // the error contains the URL
	}
	if r.method != http.MethodPut {
		h.Body, h.ContentLength = http.NoBody, 0
	}
	h.Header = r.header.Clone()
	h.Header.Set("Accept-Encoding", "identity")
	response, err := client.Do(h)
	if err != nil {
		return answer{silence: transport.Describe(err, false).Error()}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	if err != nil {
		return answer{silence: transport.Describe(err, true).Error()}
	}
	return read(response.StatusCode, response.Header, body)
}

// The forms of what a report shows of an answer.
var (
	codeForm      = regexp.MustCompile(`^[A-Z][A-Za-z]{1,63}$`)
	ecForm        = regexp.MustCompile(`^[0-9]{4}-[0-9]{8}$`)
	requestIDForm = regexp.MustCompile(`^[0-9A-F]{24}$`)
)

// read returns the parts of an answer that are compared. The XML of a refused HEAD is in x-oss-err,
// in base64.
func read(status int, header http.Header, body []byte) answer {
	a := answer{status: status, header: header, body: string(body)}
	text := body
	if e := header.Get("x-oss-err"); e != "" && len(body) == 0 {
		text, _ = base64.StdEncoding.DecodeString(e)
	}
	var x struct {
		XMLName   xml.Name `xml:"Error"`
		Code, EC  string
		RequestID string `xml:"RequestId"`
	}
	if status >= 300 && bytes.Contains(text, []byte("<Error>")) && xml.Unmarshal(text, &x) == nil {
		a.code = formed(codeForm, x.Code)
	}
	a.ec = formed(ecForm, header.Get("x-oss-ec"), x.EC)
	a.requestID = formed(requestIDForm, header.Get("x-oss-request-id"), x.RequestID)
	return a
}

// formed returns the first value that has a form, or "" if none has.
func formed(form *regexp.Regexp, values ...string) string {
	for _, value := range values {
		if form.MatchString(value) {
			return value
		}
	}
	return ""
}

// answerInDetail finds an answer in a diagnostic of the provider, in the words of internal/probe.
var answerInDetail = regexp.MustCompile(
	`The answer was (\d{3})(?: ([A-Za-z]+))?(?:, EC ([0-9-]+))?(?:, request ([0-9A-F]+))?`,
)

// readDiagnostic returns OSS's answer as a diagnostic contains it.
func readDiagnostic(d diagnostic) answer {
	a := answer{title: d.Summary}
	if m := answerInDetail.FindStringSubmatch(strings.Join(strings.Fields(d.Detail), " ")); m != nil {
		_, _ = fmt.Sscan(m[1], &a.status)
		a.code, a.ec, a.requestID = m[2], m[3], m[4]
	}
	return a
}
