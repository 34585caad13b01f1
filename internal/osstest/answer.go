package osstest

import (
	"encoding/base64"
	"encoding/xml"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// An exchange is one request and the answer to it.
type exchange struct {
	s     *Server
	w     http.ResponseWriter
	r     *http.Request
	start time.Time
	id    string
	entry Request
}

// begin takes the instant of a request and prepares its entry in the log.
func (s *Server) begin(w http.ResponseWriter, r *http.Request) *exchange {
	now := s.now()
	return &exchange{
		s: s, w: w, r: r, start: now, id: s.requestID(now),
		entry: Request{
			Time: now, Kind: kindOf(r.Method, r.RequestURI), Method: r.Method, Target: r.RequestURI, Host: r.Host,
			Header: r.Header.Clone(), TLS: r.TLS != nil,
		},
	}
}

// send logs the request, then writes status and headers that every answer has. Nothing has reached
// the client before.
func (x *exchange) send(status int) {
	x.entry.Status = status
	x.s.record(x.entry)
	now := x.s.now()
	h := x.w.Header()
	h.Set("Server", "AliyunOSS")
	h.Set("Date", now.UTC().Format(http.TimeFormat))
	h.Set("Connection", "keep-alive")
	h.Set("x-oss-request-id", x.id)
	h.Set("x-oss-server-time", strconv.FormatInt(max(0, now.Sub(x.start).Milliseconds()), 10))
	x.w.WriteHeader(status)
}

// refuse answers with an error: as XML, or for HEAD with the XML in base64 in x-oss-err.
func (x *exchange) refuse(e *Error) {
	e = x.s.rewritten(x.entry, e)
	x.entry.Code, x.entry.EC = e.Code, e.EC
	h := x.w.Header()
	for name, values := range e.header {
		h[name] = values
	}
	if e.EC != "" {
		h.Set("x-oss-ec", e.EC)
	}
	if e.Status == http.StatusNotModified {
		x.send(e.Status)
		return
	}
	body := e.xml(x.id, x.r.Host)
	h.Set("Content-Type", "application/xml")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if x.r.Method == http.MethodHead {
		h.Set("x-oss-err", base64.StdEncoding.EncodeToString(body))
		x.send(e.Status)
		return
	}
	x.send(e.Status)
	x.write(body)
}

// write sends a body. It ignores an error, since the client may close the connection early.
func (x *exchange) write(body []byte) { _, _ = x.w.Write(body) }

func writeElements(b *strings.Builder, indent string, elements []element) {
	for _, e := range elements {
		b.WriteString(indent + "<" + e.name + ">")
		if len(e.children) > 0 {
			b.WriteByte('\n')
			writeElements(b, indent+"  ", e.children)
			b.WriteString(indent)
		} else {
			// A strings.Builder refuses nothing.
			_ = xml.EscapeText(b, []byte(e.value))
		}
		b.WriteString("</" + e.name + ">\n")
	}
}
