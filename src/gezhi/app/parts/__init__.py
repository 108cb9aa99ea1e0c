"""What `App` hands out: `app.graph`, `app.tables`, `app.evaluations`."""
