package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/iade/iade/internal/clock"
	"github.com/iade/iade/internal/compose"
	"github.com/iade/iade/internal/config"
	"github.com/iade/iade/internal/returnlink"
	"github.com/iade/iade/internal/secret"
	"github.com/iade/iade/internal/store/dynamo"
)

// StartCallback makes the handler of the function that customers' browsers come back to. It knows the table and the
// callback's key, and neither iyzico's keys nor a way to iyzico. A configuration that cannot work ends the process with
// one line.
func StartCallback() Handler { return startApart(newCallback) }

// apart makes the handler of a function that never reaches iyzico.
type apart func(ctx context.Context, getenv func(string) string, log *slog.Logger, level *slog.LevelVar, out io.Writer) (Handler, error)

func startApart(build apart) Handler {
	var level slog.LevelVar
	log := StartLog(&level)
	handler, err := build(context.Background(), os.Getenv, log, &level, os.Stdout)
	if err != nil {
		log.Error("the function cannot start", "error", err.Error())
		os.Exit(1)
	}
	return handler
}

func newCallback(ctx context.Context, getenv func(string) string, log *slog.Logger, level *slog.LevelVar, out io.Writer) (Handler, error) {
	key := func(s config.Settings) string {
		if s.CallbackSecretARN == "" && !s.CallbackStateKey.IsSet() {
			return "CALLBACK_STATE_SECRET_ARN is needed (or, locally, CALLBACK_STATE_KEY)"
		}
		return ""
	}
	return handlerApart(ctx, getenv, level, key, func(settings config.Settings, cloud aws.Config) compose.Ports {
		return compose.Ports{Pages: newPages(settings, newSecrets(cloud)), Process: "balance-callback", MetricsTo: out, Log: log}
	})
}

// handlerApart answers requests with what ports give, on the table alone. lacks says which setting is missing beside the table's, "" if none is.
func handlerApart(ctx context.Context, getenv func(string) string, level *slog.LevelVar, lacks func(config.Settings) string,
	ports func(config.Settings, aws.Config) compose.Ports,
) (Handler, error) {
	settings, err := config.Load(getenv, nil)
	if err != nil {
		return nil, err
	}
	level.Set(settings.LogLevel)
	var missing []string
	if settings.TableName == "" {
		missing = append(missing, "TABLE_NAME is needed")
	}
	if lack := lacks(settings); lack != "" {
		missing = append(missing, lack)
	}
	if len(missing) > 0 {
		return nil, errors.New("configuration: " + strings.Join(missing, "; "))
	}
	cloud, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the AWS configuration: %w", err)
	}
	p := ports(settings, cloud)
	p.Store = dynamo.New(dynamo.NewClient(cloud.Region, settings.DynamoDBEndpoint, cloud.Credentials), settings.TableName)
	p.Clock, p.ClockTolerance = clock.Wall{}, compose.ManyMachines
	parts := compose.New(settings, p)
	return counted(parts.Metrics, parts.API.Lambda(nil)), nil
}

// newPages makes what signs and reads callbacks, nil where there is no key.
func newPages(s config.Settings, secrets secretReader) *returnlink.Pages {
	switch {
	case s.CallbackSecretARN != "":
		source := &callbackSecret{client: secrets, arn: s.CallbackSecretARN, now: time.Now}
		return returnlink.New(s.PublicBaseURL, source.keys)
	case s.CallbackStateKey.IsSet():
		return returnlink.New(s.PublicBaseURL, returnlink.Fixed(returnlink.Keys{Current: s.CallbackStateKey}))
	}
	return nil
}

// How long the callback's keys are used before they are read again, and the least time between two readings: a stranger's
// states make no more calls than that.
const (
	callbackKeyTime  = 5 * time.Minute
	callbackKeyPause = 5 * time.Second
	// secretTime bounds one reading of a secret, which happens within the time of what it is needed for.
	secretTime = 4 * time.Second
)

var errCallbackSecretForm = fmt.Errorf(`the secret must be at least %d characters, or JSON like {"key":"…","previous":"…"}`, returnlink.MinKeyLength)

// callbackSecret reads the callback's keys from Secrets Manager and keeps them for a while.
type callbackSecret struct {
	client secretReader
	arn    string
	now    func() time.Time

	mu     sync.Mutex
	held   returnlink.Keys
	readAt time.Time
}

// keys implements returnlink.Source.
func (c *callbackSecret) keys(ctx context.Context, fresh bool) (returnlink.Keys, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	age, limit := c.now().Sub(c.readAt), callbackKeyTime
	if fresh {
		limit = callbackKeyPause
	}
	if c.held.Current.IsSet() && age < limit {
		return c.held, nil
	}
	ctx, cancel := context.WithTimeout(ctx, secretTime)
	defer cancel()
	answer, err := c.client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(c.arn)})
	if err != nil {
		return returnlink.Keys{}, fmt.Errorf("read the callback's key: %w", err)
	}
	keys, err := readCallbackKeys(aws.ToString(answer.SecretString))
	if err != nil {
		return returnlink.Keys{}, fmt.Errorf("read the callback's key: %w", err)
	}
	c.held, c.readAt = keys, c.now()
	return keys, nil
}

// readCallbackKeys takes a text as the key, or a JSON object with the key and the one before it.
func readCallbackKeys(text string) (returnlink.Keys, error) {
	keys := returnlink.Keys{Current: secret.New(text)}
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		var object struct {
			Key      secret.Text `json:"key"`
			Previous secret.Text `json:"previous"`
		}
		if json.Unmarshal([]byte(text), &object) != nil {
			return returnlink.Keys{}, errCallbackSecretForm
		}
		keys = returnlink.Keys{Current: object.Key, Previous: object.Previous}
	}
	if len(keys.Current.Reveal()) < returnlink.MinKeyLength || keys.Previous.IsSet() && len(keys.Previous.Reveal()) < returnlink.MinKeyLength {
		return returnlink.Keys{}, errCallbackSecretForm
	}
	return keys, nil
}
