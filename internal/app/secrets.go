package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/iade/iade/internal/psp"
)

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
func secretKeys(ctx context.Context, client secretReader, arn string) (psp.Keys, error) {
	answer, err := client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(arn)})
	if err != nil {
		return psp.Keys{}, fmt.Errorf("read iyzico's keys: %w", err)
	}
	var keys psp.Keys
	if json.Unmarshal([]byte(aws.ToString(answer.SecretString)), &keys) != nil || !keys.Complete() ||
		keys.Previous != (psp.Pair{}) && !keys.Previous.Complete() {
		return psp.Keys{}, fmt.Errorf("read iyzico's keys: %w", errSecretForm)
	}
	return keys, nil
}
