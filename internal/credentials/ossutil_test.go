package credentials

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestOssutil: the configuration files of ossutil 1 and 2, named and with a profile.
func TestOssutil(t *testing.T) {
	t.Parallel()
	session := want{id: "STS.AKID-2", secret: "hush-2", token: "hush-token-2", end: time.Hour, sts: 1}
	short := session
	short.end = 15 * time.Minute
	const pair = "accessKeyID = AKID\naccessKeySecret = hush\n"
	of := func(name, profile, content string, x want) row {
		return row{
			name: name, config: Config{SharedCredentialsFile: "/o", Profile: profile}, files: map[string]string{"/o": content},
			want: x,
			set:  func(w *world) { w.imds.down = false },
		}
	}
	ak := want{id: "AKID", secret: "hush"}
	run(t, []row{
		of("version 1", "", "[Credentials]\nlanguage=EN\nendpoint=oss-cn-hangzhou.aliyuncs.com\n"+
			pair+"[Bucket-Endpoint]\nb=oss-cn-beijing.aliyuncs.com\n", ak),
		of("version 1 with a token", "", "[Credentials]\naccessKeyID=STS.AKID\naccessKeySecret=hush\nstsToken=hush-token\n",
			want{id: "STS.AKID", secret: "hush", token: "hush-token"}),
		of("version 1, role", "", "[Credentials]\nmode=RamRoleArn\n"+pair+"ramRoleArn="+roleARN+
			"\nroleSessionName=ci\ntokenTimeout=900\n", short),
		of("version 2", "", "[default]\n"+pair+"region=cn-hangzhou\n", ak),
		of("version 2, whole name", "", "[profile default]\n"+pair, ak),
		of("default before Credentials", "", "[Credentials]\naccessKeyID=AKID-1\naccessKeySecret=hush-1\n[default]\n"+pair,
			ak),
		of("Credentials if default has no keys", "", "[default]\nlanguage=EN\n[Credentials]\n"+pair, ak),
		of("profile", "dev", "[default]\naccessKeyID=AKID-1\naccessKeySecret=hush-1\n[profile dev]\n"+pair, ak),
		of("profile in other letters", "dev", "[PROFILE  Dev]\n"+pair, ak),
		of("default in other letters", "", "[Default]\n"+pair, ak),
		of("default in capitals", "", "[DEFAULT]\n"+pair, ak),
		of("exact name first", "dev", "[profile DEV]\naccessKeyID=AKID-1\naccessKeySecret=hush-1\n[profile dev]\n"+pair, ak),
		of("other spellings of keys", "", "[default]\naccess-key-id = AKID\nACCESS_KEY_SECRET = hush\n", ak),
		of(
			"camel case", "", "[default]\naccessKeyId = STS.AKID\naccess_key-secret = hush\nsts-token = hush-token\nmode = "+
				"ststoken\n", want{id: "STS.AKID", secret: "hush", token: "hush-token"},
		),
		of("role", "", "[default]\nmode = RamRoleArn\n"+pair+"roleArn = "+roleARN+"\nroleSessionName = ci\n", session),
		of("role with the keys of another profile", "", "[default]\nmode = RamRoleArn\nsource_profile = base\nrole-arn = "+
			roleARN+"\n[profile base]\n"+pair, session),
		of("instance role", "", "[default]\nmode = EcsRamRole\necs-role-name = agent\n",
			want{id: "STS.AKID", secret: "hush", token: "hush-token", end: 6 * time.Hour, imds: 2}),
		of("instance role without name", "", "[default]\nmode = EcsRamRole\n", want{
			id: "STS.AKID", secret: "hush", token: "hush-token", end: 6 * time.Hour, imds: 3,
		}),
		of("anonymous", "", "[default]\nmode = Anonymous\n", want{failure: []string{"mode Anonymous is not supported"}}),
		of("mode of another kind", "", "[default]\nmode = Process\n", want{failure: []string{`mode "Process" is not known`}}),
		of("no such profile", "dev", "[default]\n"+pair, want{failure: []string{`There is no profile "dev"`}}),
	})
}

// TestRegionOfOssutil: ossutil's file calls it region.
func TestRegionOfOssutil(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.files["/home/u/.ossutilconfig"] = "[default]\naccessKeyID=AKID\naccessKeySecret=hush\nregion=cn-beijing\n"
	if region, origin := w.source(Config{}).Region(); region != "cn-beijing" ||
		origin != `region_id of profile "default" of "/home/u/.ossutilconfig"` {
		t.Errorf("%s of %s", region, origin)
	}
}

// TestFileBelowAFile: a path through something that is no directory, as of HOME=/dev/null, leads to
// no file.
func TestFileBelowAFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	writeFile(t, path, "", 0o600)
	for name, missing := range map[string]bool{
		filepath.Join(path, "config.json"): true, path + ".none": true, filepath.Dir(path): false,
	} {
		if _, err := readFile(name); err == nil || isNotThere(fileFailure("file", err)) != missing {
			t.Errorf("%s: %v, missing %v, want %v", name, err, isNotThere(fileFailure("file", err)), missing)
		}
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}
