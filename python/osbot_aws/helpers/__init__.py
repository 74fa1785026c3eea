"""The parts of a deploy, for programs that perform the steps themselves."""
