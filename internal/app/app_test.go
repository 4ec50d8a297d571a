package app

import (
	"io"
	"log/slog"
	"maps"
	"strings"
	"testing"
	"time"
)

// settings are those of a Lambda that can work, with changes; an empty value takes one away.
func settings(changes map[string]string) func(string) string {
	all := map[string]string{
		"TABLE_NAME": "iade", "IYZICO_BASE_URL": "https://sandbox-api.iyzipay.com", "IYZICO_SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:1:secret:x",
	}
	maps.Copy(all, changes)
	return func(name string) string { return all[name] }
}

func TestAnAppIsMadeWithoutAskingAnybody(t *testing.T) {
	t.Setenv("AWS_CA_BUNDLE", "")
	t.Setenv("AWS_REGION", "eu-west-1")
	a, err := New(t.Context(), settings(map[string]string{"LOG_LEVEL": "error"}), slog.New(slog.DiscardHandler), "refund", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if a.API == nil || a.API.Service == nil || a.Service == nil || a.Settings.LogLevel != slog.LevelError || a.Settings.IyzicoTimeout != 20*time.Second {
		t.Errorf("%+v", a)
	}
}

func TestAnAppThatCannotWorkIsNotMade(t *testing.T) {
	t.Setenv("AWS_CA_BUNDLE", "")
	for _, x := range []struct {
		changes map[string]string
		says    []string
	}{
		{map[string]string{"TABLE_NAME": ""}, []string{"TABLE_NAME is needed"}},
		{map[string]string{"IYZICO_BASE_URL": ""}, []string{"IYZICO_BASE_URL is needed"}},
		{map[string]string{"IYZICO_SECRET_ARN": ""}, []string{"IYZICO_SECRET_ARN is needed", "IYZICO_API_KEY and IYZICO_SECRET_KEY"}},
		{map[string]string{"TABLE_NAME": " ", "IYZICO_BASE_URL": "", "IYZICO_SECRET_ARN": ""}, []string{"TABLE_NAME", "IYZICO_BASE_URL", "IYZICO_SECRET_ARN"}},
		{map[string]string{"IYZICO_API_KEY": "canary", "IYZICO_SECRET_KEY": "canary"}, []string{"IYZICO_SECRET_ARN and IYZICO_API_KEY or IYZICO_SECRET_KEY exclude each other"}},
		{map[string]string{"IYZICO_BASE_URL": "sandbox"}, []string{"IYZICO_BASE_URL must be"}},
	} {
		_, err := New(t.Context(), settings(x.changes), slog.New(slog.DiscardHandler), "refund", io.Discard)
		if err == nil || !strings.HasPrefix(err.Error(), "configuration: ") || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "canary") {
			t.Errorf("%v: %v", x.changes, err)
			continue
		}
		for _, says := range x.says {
			if !strings.Contains(err.Error(), says) {
				t.Errorf("%v does not say %q", err, says)
			}
		}
	}
}

func TestLocalKeysNeedNoSecret(t *testing.T) {
	t.Setenv("AWS_CA_BUNDLE", "")
	t.Setenv("AWS_REGION", "eu-west-1")
	a, err := New(t.Context(), settings(map[string]string{
		"IYZICO_SECRET_ARN": "", "IYZICO_API_KEY": "canary-a", "IYZICO_SECRET_KEY": "canary-s",
	}), slog.New(slog.DiscardHandler), "refund", io.Discard)
	if err != nil || a.Settings.IyzicoAPIKey.Reveal() != "canary-a" {
		t.Fatal(err)
	}
}
