package main

import (
	"errors"
	"strings"

	"github.com/iade/iade/internal/config"
	"github.com/iade/iade/internal/secret"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// settings are the environment's, whether this program brings its own iyzico, and which table it uses.
type settings struct {
	config.Settings
	ownFake bool
	Table   table
}

// ownFakeDefaults replace the contract's where nothing real can be in work for minutes.
var ownFakeDefaults = map[string]string{"SETTLE_WINDOW": "10s", "IYZICO_TIMEOUT": "5s"}

// loadSettings reads the environment. Without IYZICO_BASE_URL the program starts its own fake of iyzico. The error is one
// line that names every variable at fault.
func loadSettings(getenv func(string) string) (settings, error) {
	ownFake := strings.TrimSpace(getenv("IYZICO_BASE_URL")) == ""
	var defaults map[string]string
	if ownFake {
		defaults = ownFakeDefaults
	}
	loaded, err := config.Load(getenv, defaults)
	if err != nil {
		return settings{}, err
	}
	s := settings{Settings: loaded, ownFake: ownFake}
	if s.Table, err = loadTable(loaded, getenv); err != nil {
		return settings{}, err
	}
	keys := s.IyzicoAPIKey.IsSet()
	switch {
	case s.IyzicoSecretARN != "":
		return settings{}, errors.New("configuration: IYZICO_SECRET_ARN is for the deployed functions: set IYZICO_API_KEY and IYZICO_SECRET_KEY here")
	case s.CallbackSecretARN != "":
		return settings{}, errors.New("configuration: CALLBACK_STATE_SECRET_ARN is for the deployed functions: set CALLBACK_STATE_KEY here, or nothing")
	case ownFake && keys:
		return settings{}, errors.New("configuration: IYZICO_API_KEY and IYZICO_SECRET_KEY are set, so IYZICO_BASE_URL must say of which iyzico; unset all three for the fake one")
	case !ownFake && !keys:
		return settings{}, errors.New("configuration: IYZICO_BASE_URL needs IYZICO_API_KEY and IYZICO_SECRET_KEY; unset it for the fake iyzico")
	case ownFake:
		s.IyzicoAPIKey, s.IyzicoSecretKey = secret.New(iyzicotest.DefaultAPIKey), secret.New(iyzicotest.DefaultSecretKey)
	}
	return s, nil
}
