"""The pages, one module a part. Each handler takes a `Visit` and answers with a response; errors of `core` pass through it."""
