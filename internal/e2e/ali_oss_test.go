package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/signer"
)

const (
	aliOSSCases = 3000
	aliOSSSeed  = 1
)

// aliOSSCase is an input that ali-oss and the signer both sign.
type aliOSSCase struct {
	ID         string            `json:"id"`
	Secret     string            `json:"secret"`
	Token      string            `json:"token"`
	Bucket     string            `json:"bucket"`
	Region     string            `json:"region"`
	Key        string            `json:"key"`
	Method     string            `json:"method"`
	Expires    int64             `json:"expires"`
	At         int64             `json:"at"` // seconds since 1970
	Query      map[string]string `json:"query"`
	Headers    map[string]string `json:"headers"`
	Additional []string          `json:"additional"`
}

// TestAliOSS compares the signer with Alibaba's client for Node.js, ali-oss, a third reading of the
// specification: signature, host, path and every parameter. The deviations of ali-oss itself
// (specification §9) are not generated. They are shown in TestAliOSSDeviations: parameters with an
// empty value, names that the alphabet sorts otherwise than their bytes, headers that are signed
// but not sent, no region, white space at the ends of the secret. The characters !'()* that it
// leaves raw in the URL are decoded before the comparison. Text is UTF-8, as JavaScript's strings
// are.
func TestAliOSS(t *testing.T) {
	rnd := rand.New(rand.NewPCG(aliOSSSeed, 0))
	cases := make([]aliOSSCase, aliOSSCases)
	for i := range cases {
		cases[i] = generateAliOSS(rnd)
	}
	differences := 0
	for i, theirs := range aliOSS(t, cases) {
		if d := difference(theirs, ourURL(t, cases[i])); d != "" {
			if differences++; differences <= 5 {
				t.Errorf("case %d, query %q, headers %q, additional %q: %s", i, cases[i].Query, cases[i].Headers,
					cases[i].Additional, d)
			}
		}
	}
	t.Logf("ali-oss: cases %d, differences %d, seed %d", len(cases), differences, aliOSSSeed)
}

// TestAliOSSDeviations shows each deviation that TestAliOSS leaves out, so that it is noticed when
// ali-oss changes.
func TestAliOSSDeviations(t *testing.T) {
	plain := func(change func(c *aliOSSCase)) aliOSSCase {
		c := aliOSSCase{
			ID: testKey, Secret: testSecret, Bucket: "examplebucket", Region: "cn-hangzhou", Key: "k", Method: "GET",
			Expires: 3600, At: 1772366400,
			Query: map[string]string{}, Headers: map[string]string{},
		}
		change(&c)
		return c
	}
	tests := []struct {
		name   string
		change func(c *aliOSSCase)
		shown  func(theirs aliOSSAnswer, ours string) bool
	}{
		{
			"none, to compare with", func(*aliOSSCase) {}, func(theirs aliOSSAnswer, ours string) bool {
				return difference(theirs, ours) == ""
			},
		},
		{
			"§9.3 an empty value is signed with the sign of equality", func(c *aliOSSCase) {
				c.Query["acl"] = ""
			}, signatureDiffers,
		},
		{
			"§9.4 names are sorted by the alphabet, not by their bytes", func(c *aliOSSCase) {
				c.Query["a"], c.Query["B"] = "1", "2"
			}, signatureDiffers,
		},
		{
			"§9.7 a header that is to be signed and not sent is an error", func(c *aliOSSCase) {
				c.Additional = []string{"range"}
			},
			func(theirs aliOSSAnswer, _ string) bool {
				return strings.Contains(theirs.Error, "additional header range")
			},
		},
		{
			"§9.13 ! ' ( ) * stay raw in the query", func(c *aliOSSCase) { c.Query["x-oss-process"] = "!'()*" },
			func(theirs aliOSSAnswer, ours string) bool {
				return strings.Contains(theirs.URL, "!'()*") && difference(theirs, ours) == ""
			},
		},
		{
			"§9.16 no region becomes cn-hangzhou", func(c *aliOSSCase) { c.Region = "" },
			func(theirs aliOSSAnswer, ours string) bool {
				return strings.Contains(theirs.URL, "cn-hangzhou") && ours == ""
			},
		},
		{
			"beyond §9: white space at the ends of the secret is cut off", func(c *aliOSSCase) {
				c.Secret = testSecret + " "
			}, signatureDiffers,
		},
	}
	cases := make([]aliOSSCase, len(tests))
	for i, test := range tests {
		cases[i] = plain(test.change)
	}
	for i, theirs := range aliOSS(t, cases) {
		if !tests[i].shown(theirs, ourURL(t, cases[i])) {
			t.Errorf("%s: not so any more", tests[i].name)
		}
	}
}

func signatureDiffers(theirs aliOSSAnswer, ours string) bool {
	return strings.HasPrefix(difference(theirs, ours), "x-oss-signature")
}

type aliOSSAnswer struct {
	URL   string `json:"url"`
	Error string `json:"error"`
}

// aliOSS signs cases in one process of Node.js.
func aliOSS(t *testing.T, cases []aliOSSCase) []aliOSSAnswer {
	t.Helper()
	modules := os.Getenv("ALIOSS_NODE_MODULES")
	if modules == "" {
		t.Skip("ALIOSS_NODE_MODULES names no directory with ali-oss: make test-clients installs it")
	}
	var input bytes.Buffer
	encoder := json.NewEncoder(&input)
	for _, c := range cases {
		must(t, encoder.Encode(c))
	}
	command := exec.CommandContext(t.Context(), "node", "clients/ali-oss.cjs")
	command.Env = append(os.Environ(), "NODE_PATH="+modules)
	command.Stdin, command.Stderr = &input, os.Stderr
	output, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var answers []aliOSSAnswer
	for r := bufio.NewScanner(bytes.NewReader(output)); r.Scan(); {
		var a aliOSSAnswer
		must(t, json.Unmarshal(r.Bytes(), &a))
		answers = append(answers, a)
	}
	if len(answers) != len(cases) {
		t.Fatalf("ali-oss answered %d of %d cases", len(answers), len(cases))
	}
	return answers
}

// ourURL is "" if the signer refuses the case.
func ourURL(t *testing.T, c aliOSSCase) string {
	t.Helper()
	r := signer.Request{
		Method: c.Method, Scheme: "https", Host: c.Bucket + ".oss-" + c.Region + ".aliyuncs.com", Region: c.Region,
		Bucket: c.Bucket, Key: c.Key,
		Expires: c.Expires, Query: c.Query, Headers: c.Headers,
	}
	made, _, err := signer.Presign(r, signer.NewCredentials(c.ID, c.Secret, c.Token), time.Unix(c.At, 0))
	if err != nil {
		return ""
	}
	return made
}

// difference returns the first difference of two URLs after decoding. The signature comes last.
func difference(theirs aliOSSAnswer, ours string) string {
	if theirs.Error != "" {
		return "ali-oss refuses it: " + theirs.Error
	}
	a, errA := url.Parse(theirs.URL)
	b, errB := url.Parse(ours)
	if errA != nil || errB != nil || ours == "" {
		return "one of the two is no URL"
	}
	if a.Scheme+a.Host+a.Path != b.Scheme+b.Host+b.Path {
		return fmt.Sprintf("ali-oss asks for %s%s, we for %s%s", a.Host, a.Path, b.Host, b.Path)
	}
	x, y := a.Query(), b.Query()
	signatures := x.Get("x-oss-signature") == y.Get("x-oss-signature")
	x.Del("x-oss-signature")
	y.Del("x-oss-signature")
	if !maps.EqualFunc(x, y, func(p, q []string) bool { return strings.Join(p, "\x00") == strings.Join(q, "\x00") }) {
		return fmt.Sprintf("parameters: ali-oss %q, we %q", x, y)
	}
	if !signatures {
		return "x-oss-signature differs, all else being equal"
	}
	return ""
}

// The pieces of generated text: characters of every class that some encoder gets wrong.
var aliOSSPieces = []string{
	"a", "Z", "0", "-", "_", ".", "~", "/", "//", " ", "+", "%", "%2F", "%zz", "*", "!", "'", "(", ")", "&", "=", "?", "#",
	";", ":", "@", ",", "$", "\\", "\"", "`", "|", "<", ">", "[", "]", "{", "}", "^", "${a}", "目录", "файл", "ملف", "é",
	"e\u0301", "🚀", "👩\u200d💻", "\u2028",
}

var aliOSSParameters = []string{
	"versionId", "response-cache-control", "response-content-disposition", "response-content-encoding", "response-expires",
	"x-oss-process", "x-oss-traffic-limit", "x-oss-request-payer", "callback", "callback-var", "abc", "zabc",
}

func generateAliOSS(rnd *rand.Rand) aliOSSCase {
	pick := func(from []string) string { return from[rnd.IntN(len(from))] }
	text := func(most int) string {
		var b strings.Builder
		for range 1 + rnd.IntN(most) {
			b.WriteString(pick(aliOSSPieces))
		}
		return b.String()
	}
	c := aliOSSCase{
		ID: fmt.Sprintf("LTAI5t%016x", rnd.Uint64()), Secret: "s" + text(20) + "s",
		Bucket: fmt.Sprintf("bucket-%x", rnd.Uint32()),
		Region: pick([]string{"cn-hangzhou", "cn-beijing", "ap-southeast-1", "eu-central-1", "cn-hongkong"}),
		Key:    "k" + text(20), Method: pick([]string{"GET", "GET", "GET", "HEAD", "PUT", "DELETE"}),
		Expires: 1 + rnd.Int64N(604_800), At: 946684800 + rnd.Int64N(4_000_000_000),
		Query: map[string]string{}, Headers: map[string]string{},
	}
	if rnd.IntN(3) == 0 {
		c.Token = text(40)
	}
	for range rnd.IntN(5) {
		c.Query[pick(aliOSSParameters)] = text(10)
	}
	for range rnd.IntN(3) {
		name := pick([]string{"Content-Type", "content-md5", "x-oss-meta-a", "X-Oss-Storage-Class", "Range", "x-custom"})
		c.Headers[name] = pick([]string{"v", " v", "v w\t", "text/plain; charset=utf-8"})
		if name == "Range" || name == "x-custom" {
			c.Additional = append(c.Additional, name)
		}
	}
	return c
}
