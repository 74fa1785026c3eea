"""What deploys are made of, for programs that want to do the steps themselves."""
