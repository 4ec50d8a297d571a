// Package app composes the Lambdas: settings, logger, secrets, clients. Each function's main calls Start and hands the
// result to lambda.Start.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"github.com/iade/iade/internal/clock"
	"github.com/iade/iade/internal/compose"
	"github.com/iade/iade/internal/config"
	"github.com/iade/iade/internal/dayclose"
	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/metrics"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/psp"
	"github.com/iade/iade/internal/store/dynamo"
	"github.com/iade/iade/internal/version"
)

// App is what the functions share. It is made once for each execution environment and is safe for concurrent use.
type App struct {
	API      *ingress.API
	Service  *payment.Service
	Days     *dayclose.Closer // nil where no journal is kept
	Settings config.Settings
	Log      *slog.Logger
	Metrics  *metrics.Recorder // written out after each invocation by Counted
	Cloud    aws.Config        // for clients of what only some functions need
}

// Start makes the App of a function that talks to iyzico; function is its name in the metrics. A configuration that cannot
// work ends the process with one line: Lambda then reports the function's init as failed, and nothing was taken on.
func Start(function string) *App {
	var level slog.LevelVar
	log := StartLog(&level)
	a, err := New(context.Background(), os.Getenv, log, function, os.Stdout)
	if err != nil {
		log.Error("the function cannot start", "error", err.Error())
		os.Exit(1)
	}
	level.Set(a.Settings.LogLevel)
	log.Info("the function starts", "function", function, "version", version.String())
	return a
}

// StartLog makes the process's logger, which writes JSON lines to standard output. What Lambda's library logs goes through
// it too: it logs the errors of invocations, and nothing else.
func StartLog(level slog.Leveler) *slog.Logger {
	log := newLogger(os.Stdout, level)
	slog.SetLogLoggerLevel(slog.LevelError)
	slog.SetDefault(log)
	return log
}

// New makes an App from an environment. It connects to nothing: the table and the secret are first read when they are
// needed. The error names every setting at fault. out gets the metrics.
func New(ctx context.Context, getenv func(string) string, log *slog.Logger, function string, out io.Writer) (*App, error) {
	settings, err := config.Load(getenv, nil)
	if err != nil {
		return nil, err
	}
	if err := complete(settings); err != nil {
		return nil, err
	}
	cloud, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the AWS configuration: %w", err)
	}
	client := dynamo.NewClient(cloud.Region, settings.DynamoDBEndpoint, cloud.Credentials)
	store := dynamo.New(client, settings.TableName)
	secrets, wall := newSecrets(cloud), clock.Wall{}
	to := psp.Iyzico{
		BaseURL: settings.IyzicoBaseURL, RefundToBalancePath: settings.RefundToBalancePath,
		Keys: keySource(settings, secrets), Log: log, Now: wall.Now,
	}
	pages := newPages(settings, secrets)
	if settings.PublicBaseURL == "" {
		pages = nil
	}
	if pages != nil {
		to.Pages = pages
	}
	ports := compose.Ports{
		Store: store, Iyzico: psp.NewRotating(to), Clock: wall, ClockTolerance: compose.ManyMachines, Pages: pages,
		Process: function, MetricsTo: out, Log: log,
	}
	if settings.JournalTableName != "" {
		kept := dynamo.NewJournal(client, settings.JournalTableName, settings.JournalKept)
		ports.Journal, ports.Days = kept, kept
	}
	parts := compose.New(settings, ports)
	parts.API.Service = logAnswers(parts.API.Service, log)
	return &App{API: parts.API, Service: parts.Service, Days: parts.Days, Settings: settings, Log: log, Metrics: parts.Metrics, Cloud: cloud}, nil
}

// complete refuses settings that a Lambda cannot work without.
func complete(s config.Settings) error {
	var missing []string
	if s.TableName == "" {
		missing = append(missing, "TABLE_NAME is needed")
	}
	if s.IyzicoBaseURL == "" {
		missing = append(missing, "IYZICO_BASE_URL is needed")
	}
	if s.IyzicoSecretARN == "" && !s.IyzicoAPIKey.IsSet() {
		missing = append(missing, "IYZICO_SECRET_ARN is needed (or, locally, IYZICO_API_KEY and IYZICO_SECRET_KEY)")
	}
	if len(missing) > 0 {
		return errors.New("configuration: " + strings.Join(missing, "; "))
	}
	return nil
}

// keySource gives iyzico's keys from Secrets Manager, or from the environment on a developer's machine.
func keySource(s config.Settings, secrets secretReader) func(context.Context) (psp.Keys, error) {
	if s.IyzicoSecretARN == "" {
		keys := psp.Keys{Pair: psp.Pair{APIKey: s.IyzicoAPIKey, SecretKey: s.IyzicoSecretKey}}
		return func(context.Context) (psp.Keys, error) { return keys, nil }
	}
	return func(ctx context.Context) (psp.Keys, error) { return secretKeys(ctx, secrets, s.IyzicoSecretARN) }
}
