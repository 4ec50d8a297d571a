package app

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/iade/iade/internal/psp"
	"github.com/iade/iade/internal/secret"
)

// secretOf answers every request with one text (nil: none) or an error.
type secretOf struct {
	text *string
	err  error
}

func (s secretOf) GetSecretValue(_ context.Context, in *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	if aws.ToString(in.SecretId) != "arn" {
		return nil, errors.New("another secret was asked for")
	}
	if s.err != nil {
		return nil, s.err
	}
	return &secretsmanager.GetSecretValueOutput{SecretString: s.text}, nil
}

func TestTheSecretHoldsBothKeys(t *testing.T) {
	t.Parallel()
	denied := errors.New("denied")
	for _, x := range []struct {
		name   string
		secret secretOf
		want   psp.Keys
		err    error
	}{
		{"both", secretOf{text: aws.String(`{"apiKey":"a","secretKey":"s"}`)}, psp.Keys{Pair: pairOf("a", "s")}, nil},
		{"with the previous pair", secretOf{text: aws.String(`{"apiKey":"a","secretKey":"s","previous":{"apiKey":"b","secretKey":"t"}}`)}, psp.Keys{Pair: pairOf("a", "s"), Previous: pairOf("b", "t")}, nil},
		{"with no previous pair yet", secretOf{text: aws.String(`{"apiKey":"a","secretKey":"s","previous":null}`)}, psp.Keys{Pair: pairOf("a", "s")}, nil},
		{"with half a previous pair", secretOf{text: aws.String(`{"apiKey":"a","secretKey":"s","previous":{"apiKey":"canary"}}`)}, psp.Keys{}, errSecretForm},
		{"one missing", secretOf{text: aws.String(`{"apiKey":"canary"}`)}, psp.Keys{}, errSecretForm},
		{"one empty", secretOf{text: aws.String(`{"apiKey":"canary","secretKey":""}`)}, psp.Keys{}, errSecretForm},
		{"a number", secretOf{text: aws.String(`{"apiKey":"canary","secretKey":4711}`)}, psp.Keys{}, errSecretForm},
		{"no JSON", secretOf{text: aws.String("canary")}, psp.Keys{}, errSecretForm},
		{"empty", secretOf{text: aws.String("")}, psp.Keys{}, errSecretForm},
		{"binary", secretOf{}, psp.Keys{}, errSecretForm},
		{"denied", secretOf{err: denied}, psp.Keys{}, denied},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			got, err := secretKeys(t.Context(), x.secret, "arn")
			if got != x.want || !errors.Is(err, x.err) {
				t.Errorf("err %v, want %v; same keys %v", err, x.err, got == x.want)
			}
			if err != nil && (strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "4711") || !strings.Contains(err.Error(), "iyzico's keys")) {
				t.Errorf("error: %v", err)
			}
		})
	}
}

func pairOf(apiKey, secretKey string) psp.Pair {
	return psp.Pair{APIKey: secret.New(apiKey), SecretKey: secret.New(secretKey)}
}
