Invoke-WebRequest -Uri $env:URL -OutFile $env:FILE
