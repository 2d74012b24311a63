"""What the lessons measure and play with, one study per file: models, experiments and quizzes of the course's own."""
