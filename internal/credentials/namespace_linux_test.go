package credentials

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/testworld"
)

// TestNamespace runs end to end in a network and mount namespace of its own: a metadata service on
// 100.100.100.200, an STS behind the name of a region and a certificate of our own, a proxy, and a
// client that is a process with the real environment. The test is three processes of this binary,
// distinguished by stageVariable:
//
//	""        requests the namespaces, and skips if the machine allows none
//	"inside"  runs the servers in them, and counts requests
//	"client"  calls Get from a thousand goroutines, and prints a clientResult
func TestNamespace(t *testing.T) {
	switch os.Getenv(stageVariable) {
	case "":
		if testing.Short() {
			t.Skip("skipped: the namespace run takes some seconds, and -short is set")
		}
		enterNamespace(t)
	case "inside":
		insideNamespace(t)
	case "client":
		client(t)
	}
}

const (
	stageVariable  = "ALIOSS_TEST_NAMESPACE"
	configVariable = "ALIOSS_TEST_CONFIG"
	resultMark     = "RESULT "
	metadataIP     = "100.100.100.200"
	stsName        = "sts.cn-hangzhou.aliyuncs.com"
	otherSTSName   = "sts.cn-shanghai.aliyuncs.com"
	namespaceCalls = 1000
)

// enterNamespace runs this test once more, in namespaces of its own and with further variables, and
// skips it if the machine allows none.
func enterNamespace(t *testing.T, variables ...string) {
	t.Helper()
	enterNamespaceFor(t, t.Name(), variables...)
}

func enterNamespaceFor(t *testing.T, name string, variables ...string) {
	t.Helper()
	flags := []string{"-nm"}
	if os.Geteuid() != 0 {
		flags = []string{"-rnm"}
	}
	for _, tool := range []string{"unshare", "ip", "mount"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("skipped: the namespace run needs the command %s", tool)
		}
	}
	probe := append(flags, "sh", "-c", "ip link set lo up && ip addr add "+metadataIP+
		"/32 dev lo && mount --bind /etc/hosts /etc/hosts")
	if output, err := exec.Command("unshare", probe...).CombinedOutput(); err != nil {
		t.Skipf("skipped: this machine allows no network and mount namespaces: %v: %s", err, bytes.TrimSpace(output))
	}
	command := exec.Command("unshare", append(flags, os.Args[0], "-test.run=^"+name+"$", "-test.v")...)
	command.Env = append(append(os.Environ(), stageVariable+"=inside"), variables...)
	output, err := command.CombinedOutput()
	t.Logf("%s", output)
	if err != nil || !bytes.Contains(output, []byte("--- PASS: "+name+" ")) {
		t.Errorf("inside: %v", err)
	}
}

// namespace is what runs inside.
type namespace struct {
	t         *testing.T
	directory string
	sts       *fakeSTS
	imds      *fakeIMDS
	proxied   atomic.Int64 // requests to the proxy
	// trust is the variable by which a process trusts the certificate of the STS.
	trust string
}

// newNamespace starts the servers in the namespace that the process is in.
func newNamespace(t *testing.T) *namespace {
	directory := t.TempDir()
	hosts := filepath.Join(directory, "hosts")
	writeFile(t, hosts, "127.0.0.1 localhost sts.aliyuncs.com "+stsName+" "+otherSTSName+"\n", 0o644)
	command(t, "ip", "link", "set", "lo", "up")
	command(t, "ip", "addr", "add", metadataIP+"/32", "dev", "lo")
	command(t, "mount", "--bind", hosts, "/etc/hosts")
	n := &namespace{
		t: t, directory: directory, sts: newFakeSTS(t, "127.0.0.1:443"), imds: newFakeIMDS(t, metadataIP+":80"),
	}
	n.sts.oidc[oidcToken] = true
	n.imds.session = sessionJSON("Success", time.Now().Add(6*time.Hour).UTC().Format(time.RFC3339))
	certificates := filepath.Join(directory, "ca.pem")
	writeFile(t, certificates, string(theAuthority().PEM()), 0o644)
	n.trust = "SSL_CERT_FILE=" + certificates
	writeFile(t, filepath.Join(directory, "token"), oidcToken, 0o600)
	return n
}

// oidcVariables are those that ACK and CI set.
func (n *namespace) oidcVariables() []string {
	return []string{
		"ALIBABA_CLOUD_OIDC_PROVIDER_ARN=" + providerARN, "ALIBABA_CLOUD_ROLE_ARN=" + roleARN,
		"ALIBABA_CLOUD_OIDC_TOKEN_FILE=" + filepath.Join(n.directory, "token"),
	}
}

// clientConfig is the configuration of the client. clientResult is its result.
type clientConfig struct {
	ECSRole, RoleARN, Region string
}

type clientResult struct {
	Found, Waited int // callers with credentials; milliseconds
	Key, Source   string
	Expires       time.Time
	Error         string
}

func insideNamespace(t *testing.T) {
	n := newNamespace(t)
	n.sts.callers["AKID-cli"] = caller{secret: "hush-cli"}
	proxy := n.proxy()
	home := filepath.Join(n.directory, "home")
	if err := os.MkdirAll(filepath.Join(home, ".aliyun"), 0o700); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(home, ".aliyun", "config.json"),
		cliConfig("p", `{"name":"p","mode":"RamRoleArn","access_key_id":"AKID-cli","access_key_secret":"hush-cli",`+
			`"ram_role_arn":"`+roleARN+`","ram_session_name":"ci","expired_seconds":900,"region_id":"cn-hangzhou"}`), 0o600)
	trust := n.trust

	for _, test := range []struct {
		name      string
		config    clientConfig
		variables []string
		set       func()
		// source or failure are words of the client's result. end is the least and the most that is left.
		source, failure    string
		end                [2]time.Duration
		sts, imds, proxied int
	}{
		{
			name:      "instance role, no proxy for the metadata service",
			variables: []string{"HTTP_PROXY=" + proxy, "http_proxy=" + proxy},
			source:    "instance role agent (metadata service)", end: [2]time.Duration{5 * time.Hour, 6 * time.Hour}, imds: 3,
		},
		{
			name: "version 1 forbidden", variables: []string{
				"ALIBABA_CLOUD_IMDSV1_DISABLED=true",
				"ALIBABA_CLOUD_ECS_METADATA=agent",
			},
			source: "instance role agent", end: [2]time.Duration{5 * time.Hour, 6 * time.Hour}, imds: 2,
		},
		{
			name: "role on an instance role", config: clientConfig{ECSRole: "agent", RoleARN: otherARN, Region: "cn-hangzhou"},
			variables: []string{trust},
			source:    "role " + otherARN + ", assumed with instance role agent",
			end:       [2]time.Duration{59 * time.Minute, time.Hour}, imds: 2, sts: 1,
		},
		{
			name: "OIDC by the variables of ACK", config: clientConfig{Region: "cn-hangzhou"},
			variables: append(n.oidcVariables(), trust),
			source:    "assumed with an OIDC token", end: [2]time.Duration{59 * time.Minute, time.Hour}, sts: 1,
		},
		{
			name: "profile of the CLI through a proxy", variables: []string{trust, "HOME=" + home, "HTTPS_PROXY=" + proxy},
			source: `role ` + roleARN + `, assumed with profile "p"`, end: [2]time.Duration{14 * time.Minute, 15 * time.Minute},
			sts: 1, proxied: 1,
		},
		{
			name: "role refused", config: clientConfig{ECSRole: "agent", RoleARN: otherARN, Region: "cn-hangzhou"},
			variables: []string{trust},
			set:       func() { n.sts.denied[otherARN] = true },
			failure:   stsName + " answered with status 403 (code NoPermission", imds: 2, sts: 1,
		},
		{
			name:    "certificate of another authority",
			config:  clientConfig{Region: "cn-hangzhou", ECSRole: "agent", RoleARN: roleARN},
			failure: "an authority that this machine does not trust", imds: 2,
		},
		{
			name: "region without an STS", config: clientConfig{Region: "cn-nowhere", ECSRole: "agent", RoleARN: roleARN},
			variables: []string{trust},
			failure:   "STS at sts.cn-nowhere.aliyuncs.com failed, because the host name ", imds: 2,
		},
		{
			name: "metadata service switched off", variables: []string{"ALIBABA_CLOUD_ECS_METADATA_DISABLED=true"},
			failure: "ALIBABA_CLOUD_ECS_METADATA_DISABLED is true",
		},
		{
			name: "metadata service that never answers", set: func() { n.imds.fault = waitForClient },
			failure: "no answer came within 1.5s", imds: 2,
		},
		{
			name: "metadata service that takes no connection", set: n.fullMetadata,
			failure: "no connection was established in time",
		},
		{
			name: "no metadata service", set: func() { command(t, "ip", "addr", "del", metadataIP+"/32", "dev", "lo") },
			failure: "the metadata service of an ECS instance",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			n.t = t
			if test.set != nil {
				test.set()
			}
			sts, imds, proxied := n.sts.count(), n.imds.count(), int(n.proxied.Load())
			result := n.run(test.config, test.variables)
			sts, imds, proxied = n.sts.count()-sts, n.imds.count()-imds, int(n.proxied.Load())-proxied
			if sts != test.sts || imds != test.imds || proxied != test.proxied {
				t.Errorf("%d, %d, %d requests to STS, metadata service and proxy, want %d, %d, %d", sts, imds, proxied, test.sts,
					test.imds, test.proxied)
			}
			t.Logf("%d callers, waited %d ms, %d requests to STS, %d to the metadata service, %d to the proxy: %s%s",
				namespaceCalls, result.Waited, sts, imds, proxied, result.Source, result.Error)
			if result.Waited >= 5000 {
				t.Errorf("waited %d ms", result.Waited)
			}
			if test.failure != "" {
				if result.Found != 0 || !strings.Contains(result.Error, test.failure) {
					t.Errorf("got %+v, want %q", result, test.failure)
				}
				return
			}
			left := time.Until(result.Expires)
			if result.Found != namespaceCalls || !strings.Contains(result.Source, test.source) || left < test.end[0] ||
				left > test.end[1] {
				t.Errorf("got %+v with %s left", result, left)
			}
		})
	}
}

// waitForClient answers when the client has gone.
func waitForClient(_ int, _ http.ResponseWriter, r *http.Request) bool {
	<-r.Context().Done()
	return true
}

// fullMetadata puts a socket in the service's place whose queue is full: the kernel drops what
// comes, as if nobody were there.
func (n *namespace) fullMetadata() {
	n.imds.Close()
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err == nil {
		_ = syscall.SetsockoptInt(socket, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1)
		err = syscall.Bind(socket, &syscall.SockaddrInet4{Port: 80, Addr: [4]byte{100, 100, 100, 200}})
	}
	if err == nil {
		err = syscall.Listen(socket, 0)
	}
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() { syscall.Close(socket) })
	for range 8 {
		connection, err := net.DialTimeout("tcp", metadataIP+":80", 100*time.Millisecond)
		if err != nil {
			return
		}
		n.t.Cleanup(func() { connection.Close() })
	}
	n.t.Fatal("the queue does not fill")
}

// proxy starts a proxy that counts, and tunnels CONNECT.
func (n *namespace) proxy() string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		n.t.Fatal(err)
	}
	proxy := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.proxied.Add(1)
		testworld.Connect(w, r, r.Host)
	})}
	go func() { _ = proxy.Serve(listener) }()
	n.t.Cleanup(func() { proxy.Close() })
	return "http://" + listener.Addr().String()
}

// run runs the client with these variables and no others that matter.
func (n *namespace) run(config clientConfig, variables []string) clientResult {
	n.t.Helper()
	text, err := json.Marshal(config)
	if err != nil {
		n.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(n.t.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestNamespace$")
	command.Env = append([]string{
		stageVariable + "=client", configVariable + "=" + string(text), "HOME=" + n.directory, "PATH=" + os.Getenv("PATH"),
	}, variables...)
	output, err := command.CombinedOutput()
	if err != nil {
		n.t.Fatalf("client: %v: %s", err, output)
	}
	var result clientResult
	for line := range strings.Lines(string(output)) {
		if text, ok := strings.CutPrefix(line, resultMark); ok {
			if err := json.Unmarshal([]byte(text), &result); err != nil {
				n.t.Fatal(err)
			}
		}
	}
	if strings.Contains(string(output), secretMark) {
		n.t.Errorf("the client shows a secret: %s", output)
	}
	return result
}

// client is the client's whole process.
func client(t *testing.T) {
	var config clientConfig
	if err := json.Unmarshal([]byte(os.Getenv(configVariable)), &config); err != nil {
		t.Fatal(err)
	}
	c := Config{ECSRoleName: config.ECSRole, Region: config.Region}
	if config.RoleARN != "" {
		c.AssumeRole = &AssumeRole{RoleARN: config.RoleARN}
	}
	s := New(c, OSEnvironment(time.Now))
	begin := time.Now()
	found := together(t, s, namespaceCalls)
	result := clientResult{Found: found, Waited: int(time.Since(begin).Milliseconds())}
	credentials, err := s.Get(t.Context())
	if err != nil {
		result.Error = err.Error()
	} else {
		result.Key, result.Source, result.Expires = credentials.AccessKeyID(), credentials.Source, credentials.Expires
	}
	text, err := json.Marshal(result)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("%s%s\n", resultMark, text)
}

func command(t *testing.T, name string, arguments ...string) {
	t.Helper()
	if output, err := exec.Command(name, arguments...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v: %s", name, arguments, err, output)
	}
}
