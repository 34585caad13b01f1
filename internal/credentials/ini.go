package credentials

import (
	"errors"
	"fmt"
	"strconv"

	"gopkg.in/ini.v1"
)

// iniModes are the types of Alibaba's credentials libraries for ini files, as modes of the Alibaba Cloud CLI.
var iniModes = map[string]string{
	"access_key":      modeAK,
	"sts":             modeStsToken,
	"ram_role_arn":    modeRamRoleArn,
	"ecs_ram_role":    modeEcsRamRole,
	"oidc_role_arn":   modeOIDC,
	"credentials_uri": modeCredentialsURI,
	"rsa_key_pair":    "RsaKeyPair",
	"bearer":          "BearerToken",
}

// parseINIProfiles parses the ini file of Alibaba's credentials libraries: a section for each profile, with a type.
func parseINIProfiles(content []byte) (profileFile, error) {
	var file *ini.File
	err := guarded(func() (err error) {
		// Without a delimiter that no name holds, section a.b would take what it lacks from section a.
		file, err = ini.LoadSources(ini.LoadOptions{ChildSectionDelimiter: "\x00"}, content)
		return err
	})
	if err != nil {
		return profileFile{}, errors.New("it is neither JSON of the Alibaba Cloud CLI nor an ini file of profiles")
	}
	return profileFile{
		current: "default",
		lookup: func(name string) (profile, bool, error) {
			if !file.HasSection(name) {
				return profile{}, false, nil
			}
			p, err := iniProfile(name, file.Section(name))
			return p, true, err
		},
	}, nil
}

func iniProfile(name string, section *ini.Section) (profile, error) {
	value := func(names ...string) string {
		for _, name := range names {
			if section.HasKey(name) {
				if text := section.Key(name).Value(); text != "" {
					return text
				}
			}
		}
		return ""
	}
	kind := value("type")
	mode, known := iniModes[kind]
	if !known && kind != "" {
		return profile{}, fmt.Errorf("its type%s is not one that can be used; use access_key, sts, ram_role_arn, ecs_ram_role, oidc_role_arn or credentials_uri",
			quotedWord(kind))
	}
	if kind == "" && value("access_key_id") != "" {
		return profile{}, errors.New("it has no type; for an AccessKey that is access_key, with a token sts")
	}
	p := profile{
		Name: name, Mode: mode,
		AccessKeyID: value("access_key_id"), AccessKeySecret: NewSecret(value("access_key_secret")),
		STSToken: NewSecret(value("security_token", "sts_token")),
		RoleARN:  value("role_arn"), SessionName: value("role_session_name"), Policy: value("policy"), ExternalID: value("external_id"),
		RoleName:        value("role_name"),
		OIDCProviderARN: value("oidc_provider_arn"), OIDCTokenFile: value("oidc_token_file_path", "oidc_token_file"),
		CredentialsURI: value("credentials_uri"),
		STSEndpoint:    value("sts_endpoint"), STSRegion: value("sts_region"),
		EnableVPC: value("enable_vpc") == "true",
	}
	if seconds := value("role_session_expiration", "duration_seconds"); seconds != "" {
		var err error
		if p.ExpiredSeconds, err = strconv.ParseInt(seconds, 10, 64); err != nil {
			return profile{}, errors.New("the session's length is not a whole number of seconds")
		}
	}
	return p, nil
}
