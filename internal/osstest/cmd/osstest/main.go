// Command osstest serves a stand-in for Alibaba Cloud OSS on loopback, for demonstrations and for
// trying links without an account.
//
//	OSSTEST_ACCESS_KEY_SECRET=… osstest -bucket demo -object 'agent.tar.gz=agent.tar.gz' -tls -ca-file ca.pem
//
// It prints one line of JSON once it serves: http_url, http_addr, https_url, https_addr (with
// -tls), ca_file, access_key_id, region and bucket. A client reaches a bucket's host through curl
// --connect-to or --resolve. SIGINT and SIGTERM end it.
//
// Further flags bring about what a real bucket seldom shows on demand: archived and deleted objects
// (-class, -restored, -delete), many objects (-generate), missing permissions (-deny), refusals
// (-refuse, -forbid-public, -requester-pays, -restrict-downloads), redirects (-redirect-missing,
// -restrict-redirects), and wrong answers (-replace). -h explains each.
//
// With -log it prints a line for each request, without query: time, operation, method, host and
// path, status, code, EC. Operations are ListObjectsV2 (one page), GetObject, HeadObject,
// PutObject, DeleteObject and other, so that requests can be counted by kind.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"mime"
	"os"
	"os/signal"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, time.Now, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "osstest:", err)
		os.Exit(1)
	}
}

// list is a flag that may occur several times.
type list []string

func (l *list) String() string     { return strings.Join(*l, " ") }
func (l *list) Set(v string) error { *l = append(*l, v); return nil }

type options struct {
	addr, tlsAddr, caFile, clockFile    string
	tls, log                            bool
	region, dir, versioning             string
	bucket                              osstest.Bucket
	versionedBucket                     string
	domains, objects                    list
	classes, restored, deleted          list
	generated, denied, replaced         list
	accessKeyID, accessKeySecret, token string
}

// ready is what the command prints when it serves.
type ready struct {
	HTTPURL     string `json:"http_url"`
	HTTPAddr    string `json:"http_addr"`
	HTTPSURL    string `json:"https_url,omitempty"`
	HTTPSAddr   string `json:"https_addr,omitempty"`
	CAFile      string `json:"ca_file,omitempty"`
	AccessKeyID string `json:"access_key_id"`
	Region      string `json:"region"`
	Bucket      string `json:"bucket"`
}

func parse(args []string, getenv func(string) string, stderr io.Writer) (options, error) {
	var o options
	env := func(name, otherwise string) string {
		if v := getenv(name); v != "" {
			return v
		}
		return otherwise
	}
	f := flag.NewFlagSet("osstest", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&o.addr, "addr", "127.0.0.1:0", "loopback `address` for http")
	f.BoolVar(&o.tls, "tls", false, "serve https as well")
	f.StringVar(&o.tlsAddr, "tls-addr", "127.0.0.1:0", "loopback `address` for https")
	f.StringVar(&o.caFile, "ca-file", "", "`file` to write the authority's certificate to")
	f.StringVar(&o.clockFile, "clock-file", "",
		"`file` that moves the server's clock: an RFC 3339 instant, or an offset such as 25h or -16m;\n"+
			"read at each request, the machine's clock while it is empty or missing")
	f.BoolVar(&o.log, "log", false, "print a line for each request, without query, to standard error")
	f.StringVar(&o.region, "region", "cn-hangzhou", "region `id` of the bucket")
	f.StringVar(&o.bucket.Name, "bucket", "demo", "`name` of the bucket")
	f.StringVar(&o.versioning, "versioning", "",
		"`state` of the bucket: Enabled, Suspended, or empty for never (an object with a version implies Enabled)")
	f.Var(&o.domains, "domain", "custom domain bound to the bucket, a `host`; may be repeated")
	f.BoolVar(&o.bucket.PublicEndpointForbidden, "forbid-public", false,
		"answer PublicEndpointForbidden on the default public hosts")
	f.StringVar(&o.versionedBucket, "versioned-bucket", "",
		"`name` of a second bucket in the same region, with versioning enabled and no object")
	refusal := f.String("refuse", "",
		"`reason` for which the bucket refuses every request: policy, referer, acl, disabled or debt")
	f.BoolVar(&o.bucket.RestrictedDownloads, "restrict-downloads", false,
		"on the default public hosts, send HTML and images as downloads, and no .apk and .ipa")
	f.BoolVar(&o.bucket.ArchiveDirectRead, "archive-direct-read", false,
		"serve objects of the class Archive without restoring")
	f.BoolVar(&o.bucket.RequesterPays, "requester-pays", false, "refuse requests without x-oss-request-payer=requester")
	f.StringVar(&o.bucket.RedirectMissing, "redirect-missing", "",
		"`url` that GET and HEAD of missing objects are sent to by 302")
	f.BoolVar(&o.bucket.RestrictedRedirects, "restrict-redirects", false,
		"refuse this on the default public and acceleration hosts: 400 ExternalRedirectForbidden")
	f.BoolVar(&o.bucket.StandardRanges, "standard-ranges", false,
		"answer 416 to a range that lies outside of the object, in place of the whole object")
	f.StringVar(&o.dir, "dir", "", "`directory` whose files become objects, named by their path in it")
	f.Var(&o.objects, "object",
		"an object, as `key=file[@versionId]`; may be repeated, also for one key, oldest version first")
	f.Var(&o.classes, "class",
		"storage class of an object, as `key=class`: IA, Archive, ColdArchive, DeepColdArchive; may be repeated")
	f.Var(&o.restored, "restored", "`key` of an archived object that has been restored; may be repeated")
	f.Var(&o.deleted, "delete",
		"`key` of an object whose current version is a delete marker; needs -versioning; may be repeated")
	f.Var(&o.generated, "generate",
		"further objects, as `prefix=number`: prefix000000 and so on, each with its own name for content; may be repeated")
	f.Var(&o.denied, "deny",
		"RAM `action` that the access key may not do: oss:GetObject, oss:GetObjectVersion, oss:PutObject, "+
			"oss:DeleteObject,\n"+
			"oss:DeleteObjectVersion or oss:ListObjects; may be repeated")
	f.Var(&o.replaced, "replace",
		"a wrong answer on purpose, as `old=new`: refusals with this code or EC get another one; may be repeated")
	f.StringVar(&o.accessKeyID, "access-key-id", env("OSSTEST_ACCESS_KEY_ID", "osstest"),
		"access key `id` (OSSTEST_ACCESS_KEY_ID)")
	secretFile := f.String("access-key-secret-file", "",
		"`file` that holds the access key's secret (or OSSTEST_ACCESS_KEY_SECRET; else \"osstest-secret\")")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", f.Arg(0))
	}
	o.accessKeySecret = env("OSSTEST_ACCESS_KEY_SECRET", "osstest-secret")
	o.token = env("OSSTEST_SECURITY_TOKEN", "")
	if *secretFile != "" {
		b, err := os.ReadFile(*secretFile)
		if err != nil {
			return o, err
		}
		o.accessKeySecret = strings.TrimSpace(string(b))
	}
	switch v := osstest.Versioning(o.versioning); v {
	case osstest.VersioningNever, osstest.VersioningEnabled, osstest.VersioningSuspended:
		o.bucket.Versioning = v
	default:
		return o, fmt.Errorf("versioning %q: must be Enabled, Suspended or empty", o.versioning)
	}
	switch r := osstest.Refusal(*refusal); r {
	case osstest.RefusedNot, osstest.RefusedByPolicy, osstest.RefusedByReferer, osstest.RefusedByACL,
		osstest.RefusedDisabled, osstest.RefusedInDebt:
		o.bucket.Refusal = r
	default:
		return o, fmt.Errorf("refuse %q: must be policy, referer, acl, disabled or debt", *refusal)
	}
	for _, action := range o.denied {
		if !slices.Contains(osstest.Actions(), action) {
			return o, fmt.Errorf("deny %q: must be one of %s", action, strings.Join(osstest.Actions(), ", "))
		}
	}
	o.bucket.Region, o.bucket.Domains = o.region, o.domains
	return o, nil
}

// rewrite returns the rewriting that -replace describes.
func rewrite(pairs []string) (func(osstest.Request, *osstest.Error), error) {
	replaced := map[string]string{}
	for _, pair := range pairs {
		was, is, ok := strings.Cut(pair, "=")
		if !ok || was == "" {
			return nil, fmt.Errorf("replace %q: must be old=new", pair)
		}
		replaced[was] = is
	}
	return func(_ osstest.Request, e *osstest.Error) {
		for _, text := range []*string{&e.Code, &e.EC} {
			if is, ok := replaced[*text]; ok {
				*text = is
			}
		}
	}, nil
}

// run serves until ctx ends.
func run(
	ctx context.Context, args []string, getenv func(string) string, now func() time.Time, stdout, stderr io.Writer,
) error {
	o, err := parse(args, getenv, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	c := osstest.Config{Now: clock(o.clockFile, now, stderr), Region: o.region}
	if o.log {
		c.Log = func(r osstest.Request) {
			p, _, _ := strings.Cut(r.Target, "?")
			line := fmt.Sprintf("%s %s %s %s%s %d %s %s",
				r.Time.UTC().Format(time.RFC3339), r.Kind, r.Method, r.Host, p, r.Status, r.Code, r.EC)
			fmt.Fprintln(stderr, strings.TrimRight(line, " "))
		}
	}
	s := osstest.New(c)
	defer s.Close()
	s.SetCredential(osstest.Credential{
		AccessKeyID: o.accessKeyID, AccessKeySecret: o.accessKeySecret, SecurityToken: o.token, DeniedActions: o.denied,
	})
	change, err := rewrite(o.replaced)
	if err != nil {
		return err
	}
	s.Rewrite(change)
	if err := fill(s, o); err != nil {
		return err
	}
	r := ready{AccessKeyID: o.accessKeyID, Region: o.region, Bucket: o.bucket.Name}
	if r.HTTPURL, err = s.Start(o.addr); err != nil {
		return err
	}
	r.HTTPAddr = strings.TrimPrefix(r.HTTPURL, "http://")
	if o.tls {
		if r.HTTPSURL, err = s.StartTLS(o.tlsAddr); err != nil {
			return err
		}
		r.HTTPSAddr = strings.TrimPrefix(r.HTTPSURL, "https://")
	}
	if o.caFile != "" {
		ca, err := s.CAPEM()
		if err != nil {
			return err
		}
		if err := os.WriteFile(o.caFile, ca, 0o644); err != nil {
			return err
		}
		r.CAFile = o.caFile
	}
	if err := json.NewEncoder(stdout).Encode(r); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// clock is the machine's clock, moved by the content of the file at each call. A file without
// content sensible is reported and ignored.
func clock(file string, now func() time.Time, stderr io.Writer) func() time.Time {
	if file == "" {
		return now
	}
	return func() time.Time {
		b, err := os.ReadFile(file)
		text := strings.TrimSpace(string(b))
		if err != nil || text == "" {
			return now()
		}
		if d, err := time.ParseDuration(text); err == nil {
			return now().Add(d)
		}
		if t, err := time.Parse(time.RFC3339, text); err == nil {
			return t
		}
		fmt.Fprintf(stderr, "osstest: clock file %s: neither an RFC 3339 instant nor a duration\n", file)
		return now()
	}
}

// fill makes the bucket and its objects.
func fill(s *osstest.Server, o options) error {
	type source struct{ key, file, version string }
	var sources []source
	if o.dir != "" {
		err := filepath.WalkDir(o.dir, func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			rel, err := filepath.Rel(o.dir, file)
			sources = append(sources, source{key: filepath.ToSlash(rel), file: file})
			return err
		})
		if err != nil {
			return err
		}
	}
	for _, text := range o.objects {
		i := strings.LastIndex(text, "=")
		if i < 1 {
			return fmt.Errorf("object %q: must be key=file or key=file@versionId", text)
		}
		src := source{key: text[:i], file: text[i+1:]}
		if j := strings.LastIndex(src.file, "@"); j >= 0 {
			src.file, src.version = src.file[:j], src.file[j+1:]
			if o.bucket.Versioning == osstest.VersioningNever {
				o.bucket.Versioning = osstest.VersioningEnabled
			}
		}
		sources = append(sources, src)
	}
	if err := s.SetBucket(o.bucket); err != nil {
		return err
	}
	if o.versionedBucket != "" {
		err := s.SetBucket(osstest.Bucket{Name: o.versionedBucket, Region: o.region, Versioning: osstest.VersioningEnabled})
		if err != nil {
			return err
		}
	}
	classes := map[string]string{}
	for _, text := range o.classes {
		i := strings.LastIndex(text, "=")
		if i < 1 {
			return fmt.Errorf("class %q: must be key=class", text)
		}
		classes[text[:i]] = text[i+1:]
	}
	put := func(object osstest.Object) error {
		object.ContentType = mime.TypeByExtension(path.Ext(object.Key))
		object.StorageClass, object.Restored = classes[object.Key], slices.Contains(o.restored, object.Key)
		_, err := s.PutObject(o.bucket.Name, object)
		return err
	}
	for _, src := range sources {
		body, err := os.ReadFile(src.file)
		if err != nil {
			return err
		}
		if err := put(osstest.Object{Key: src.key, Body: body, VersionID: src.version}); err != nil {
			return err
		}
	}
	for _, text := range o.generated {
		i := strings.LastIndex(text, "=")
		n, err := strconv.Atoi(text[i+1:])
		if i < 0 || err != nil || n < 0 || n > maxGenerated {
			return fmt.Errorf("generate %q: must be prefix=number, with at most %d", text, maxGenerated)
		}
		for j := range n {
			key := fmt.Sprintf("%s%06d", text[:i], j)
			if err := put(osstest.Object{Key: key, Body: []byte(key)}); err != nil {
				return err
			}
		}
	}
	return mark(s, o, classes)
}

// maxGenerated is the most objects that one -generate makes.
const maxGenerated = 1_000_000

// mark deletes what -delete names, and sees to it that the flags name objects that are there.
func mark(s *osstest.Server, o options, classes map[string]string) error {
	for _, key := range slices.Concat(o.deleted, o.restored, slices.Sorted(maps.Keys(classes))) {
		if _, ok := s.Object(o.bucket.Name, key, ""); !ok {
			return fmt.Errorf("object %q: no -object, -dir or -generate makes it", key)
		}
	}
	for _, key := range o.deleted {
		if _, err := s.PutObject(o.bucket.Name, osstest.Object{Key: key, DeleteMarker: true}); err != nil {
			return err
		}
	}
	return nil
}
