package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// Pair is one pair of iyzico's keys. It never prints.
type Pair struct {
	APIKey    string `json:"apiKey"`
	SecretKey string `json:"secretKey"`
}

// Keys are iyzico's keys as their secret holds them: the pair that requests are signed with, and for the time of a rotation
// the one before it. They never print.
type Keys struct {
	Pair
	Previous Pair `json:"previous"` // empty = none
}

// Format writes nothing of the keys, for every verb.
func (Pair) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[redacted]")) }

// MarshalJSON writes nothing of the keys, wherever they stand in what is encoded.
func (Pair) MarshalJSON() ([]byte, error) { return []byte(`"[redacted]"`), nil }

// LogValue gives log/slog nothing of the keys.
func (Pair) LogValue() slog.Value { return slog.StringValue("[redacted]") }

func (p Pair) complete() bool { return p.APIKey != "" && p.SecretKey != "" }

// secretReader is what is needed of Secrets Manager.
type secretReader interface {
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
}

// lazySecrets is a client of Secrets Manager that is made when it is first asked: many starts need none, and every start
// would pay for it.
type lazySecrets func() *secretsmanager.Client

func newSecrets(cloud aws.Config) lazySecrets {
	return sync.OnceValue(func() *secretsmanager.Client { return secretsmanager.NewFromConfig(cloud) })
}

// GetSecretValue implements secretReader.
func (l lazySecrets) GetSecretValue(ctx context.Context, in *secretsmanager.GetSecretValueInput, opts ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	return l().GetSecretValue(ctx, in, opts...)
}

// errSecretForm says what a secret must look like, and quotes nothing of it.
var errSecretForm = errors.New(`the secret must be JSON like {"apiKey":"…","secretKey":"…"}, in a rotation with "previous":{"apiKey":"…","secretKey":"…"}`)

// secretKeys reads the keys from one secret. No error quotes it.
func secretKeys(ctx context.Context, client secretReader, arn string) (Keys, error) {
	answer, err := client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(arn)})
	if err != nil {
		return Keys{}, fmt.Errorf("read iyzico's keys: %w", err)
	}
	var keys Keys
	if json.Unmarshal([]byte(aws.ToString(answer.SecretString)), &keys) != nil || !keys.complete() ||
		keys.Previous != (Pair{}) && !keys.Previous.complete() {
		return Keys{}, fmt.Errorf("read iyzico's keys: %w", errSecretForm)
	}
	return keys, nil
}
